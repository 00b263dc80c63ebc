"""Names of the measures as terminal and page know them; no torch here, so that a page may ask.

Lesson: 06_similarity.
"""

LABELS: dict[str, str] = {
    "cka": "CKA, debiased",
    "cka_rbf": "CKA, Gaussian kernel, debiased",
    "nbs": "normalised Bures similarity",
    "angular": "angular Procrustes distance",
    "procrustes": "orthogonal Procrustes distance",
    "rsa": "RSA (Spearman)",
    "knn": "k-NN Jaccard",
    "ridge": "ridge predictivity, second from first",
    "svcca": "SVCCA",
    "pwcca": "PWCCA, seen from the first",
    "cca": "mean CCA",
    "cka_biased": "CKA, biased (to learn from)",
}
