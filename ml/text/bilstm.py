"""The study's recurrent network: Embedding, an LSTM in both directions, Dense with a softmax.

The study pads every text to the longest one and lets the LSTM read the padding. Here padding is
masked, and a batch holds texts of near-equal length and is no longer than the longest of them.
"""

from __future__ import annotations

import keras

from ml.contract import PipelineSettings
from ml.text.network import N_DIMENSIONS, Layout, TextNetwork, encode_sequences, words

N_UNITS = 160  # in each direction; the study's


def _build(n_ids: int, length: int, n_categories: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(n_ids, N_DIMENSIONS, mask_zero=True),
            keras.layers.Bidirectional(keras.layers.LSTM(N_UNITS)),
            keras.layers.Dense(n_categories, activation="softmax"),
        ]
    )


BILSTM = Layout(
    name="bilstm",
    read=words,
    encode=encode_sequences,
    build=_build,
    smallest_count=1,
    longest=600,  # the sample's longest text has 591 stems
    epochs=20,
    learning_rate=1e-3,
    patience=4,
    ignores_padding=True,
)


def build(settings: PipelineSettings) -> TextNetwork:
    """Make the bidirectional RNN."""
    return TextNetwork(settings, BILSTM)
