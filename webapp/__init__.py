"""The web application: catalogue, review, retraining, dashboard, export, accounts."""
