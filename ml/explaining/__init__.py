"""Why a model says what it says of a product: by leaving parts of the product out."""
