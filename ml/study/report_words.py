"""What the report says of every system and metric, for readers who know none of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricWords:
    """``name`` heads the column, ``direction`` says which way is better."""

    name: str
    direction: str
    meaning: str


METRICS: dict[str, MetricWords] = {
    "ari_of_predictions": MetricWords(
        "ARI",
        "1 is best, guessing gives 0",
        "Adjusted Rand Index: takes every pair of products and asks whether the predicted "
        "categories keep together what belongs together, and apart what does not. It only sees "
        "groups: a system that calls every watch a towel and every towel a watch still gets 1. "
        "So read it beside accuracy, never alone.",
    ),
    "ari_of_clusters": MetricWords(
        "ARI of clusters",
        "1 is best, guessing gives 0",
        "The same index for groups in place of predictions: topics, or k-means on what the system "
        "has made of each product. No label is used to form them; but a system that learned from "
        "labels has them in what it makes.",
    ),
    "accuracy": MetricWords(
        "Accuracy",
        "100 % is best",
        "The share of products put into the right category.",
    ),
    "macro_f1": MetricWords(
        "Macro-F1",
        "1 is best",
        "For each category, how many of its products are found and how many finds are right, in "
        "one number (F1); then the mean over categories, so that small ones count as much.",
    ),
    "log_loss": MetricWords(
        "Log loss",
        "0 is best",
        "How surprised the probabilities are by the truth, in nats. Being sure and wrong costs "
        "most. It shows differences that accuracy hides.",
    ),
    "ece": MetricWords(
        "ECE",
        "0 is best",
        "Expected calibration error: how far stated probabilities are from what happens. With "
        "0.03, of the products called 90\N{NO-BREAK SPACE}% sure about 87 to 93\N{NO-BREAK SPACE}% "
        "are right. Among few products chance alone makes an ECE: the figure is a little too high, "
        "and its interval lies higher still.",
    ),
}

# How each system gets from a product to a category, without a word of the trade unexplained.
SYSTEMS: dict[str, str] = {
    "bag_of_words": "Joins all texts of a category into one document, weighs words and pairs of "
    "words by how particular they are to few categories (TF-IDF), and files a product under the "
    "category whose document is most like it.",
    "lda": "Latent Dirichlet allocation finds as many topics as there are categories. As in the "
    "study, it learns them from one joined document per category, so it has used the labels.",
    "nmf": "Non-negative matrix factorisation splits word weights into as many topics as there "
    "are categories. As in the study, it learns them from one joined document per category, so it "
    "has used the labels.",
    "lda_unsupervised": "Latent Dirichlet allocation on the products themselves: the topics know "
    "nothing of categories.",
    "nmf_unsupervised": "Non-negative matrix factorisation on the products themselves: the topics "
    "know nothing of categories.",
    "tfidf_linear": "Weighs words, pieces of the name's words and the keys of specifications "
    "(TF-IDF), and draws straight borders between categories (logistic regression).",
    "text_pair": "The mean of the average over words and of TF-IDF with logistic regression. The "
    "product's own text branch.",
    "embedding_net": "Learns a vector for every word, averages the vectors of a text, and decides "
    "with one layer.",
    "embedding_net_flatten": "Learns a vector for every word, puts those of a text side by side, "
    "and decides with one layer. The study calls it a simple RNN; it holds no recurrence.",
    "bilstm": "Reads a text word by word in both directions with a memory (long short-term "
    "memory), and decides with one layer.",
    "field_net": "Averages word vectors like the average over words, but tells name, "
    "specifications and spelling apart; the mean of three networks counts.",
    "visual_words": "Finds corners and spots in a photo (SIFT key points), counts which of 140 "
    "typical ones occur, and groups photos with alike counts.",
    "visual_words_linear": "The same counts of typical corners and spots, with straight borders "
    "between categories learned from labels.",
    "cnn": "A small network of image filters, learned from these photos alone. The product falls "
    "back on it where no pretrained network is at hand.",
    "cnn_plain": "The study's small network of image filters, learned from these photos alone.",
    "cnn_augmented": "The study's small network, shown photos flipped, turned and zoomed at "
    "random, so that it learns less by heart.",
    "backbone": "A network trained on millions of other photos describes each photo; only the "
    "last layer is learned here.",
    "backbone_flatten": "A network trained on millions of other photos describes each photo, "
    "place by place; only the last layer is learned here.",
    "backbone_average": "A network trained on millions of other photos describes each photo as a "
    "whole; only the last layer is learned here.",
    "fusion_mean": "The study's fusion: the mean of what the simple RNN says of the text and the "
    "pretrained network of the photo.",
    "fusion_default": "What Shelfwise does: corrects how sure text and photo branch are, and "
    "joins them with weights found on products kept aside.",
    "fusion_of_three": "Joins two ways of reading the text and one of seeing the photo, with "
    "weights found on products kept aside.",
    "fusion_chosen": "Tries several ways of reading and seeing on products kept aside, and takes "
    "what does best there.",
}

# What is known where a figure lies beyond its interval from the published one.
DIFFERENCES: dict[str, str] = {
    "fusion_mean": "The published figure was a leak; see below.",
    "lda": "Measured again on the study's own products: 0.49 to 0.63; without labels 0.12 to "
    "0.15. The seed decides much.",
    "nmf": "Measured again on the study's own products: 0.76 to 0.84, at times 0.92.",
    "bilstm": "Measured again on the study's own products: 0.74 after 20 epochs, 0.49 after 8.",
    "cnn_plain": "Measured again on the study's own products: 0.21.",
    "cnn_augmented": "Measured again on the study's own products: 0.22.",
    "backbone_flatten": "Measured again on the study's own products with MobileNetV2, "
    "pooled: 0.68.",
}

# These carry the name of the study's network, whichever one describes the photos.
NAMED_AFTER_VGG16 = ("backbone_flatten", "fusion_mean")

MODALITIES = {"text": "text", "image": "photo", "both": "text and photo"}
PROTOCOLS = {"honest": "honest protocol", "study": "study protocol"}
SPLITS = {
    "own": "The text network's own split: it was trained on most of the products scored here",
    "shared": "One random split shared by both networks",
    "grouped": "One shared split that keeps near-duplicates on one side",
}
