"""Compares the scores of kindred with the detectors of scikit-learn on labeled lines, and measures false alarms.

    python3 docs/experiments/anomalies.py KINDRED DATA

KINDRED is the program, DATA a directory with lines/bgl-2k.log (first column "-" for normal lines) and
lines/sms-spam.tsv (label, tab, text). It needs numpy, scipy and scikit-learn. docs/anomalies.md has its results.

All detectors see the same lines: the training lines are normal, without labels. Equal lines are on one side of
a split. Each detector of scikit-learn has three settings, of which the one that finds made anomalies best counts: a
fifth of the training lines is kept out, and half of it has 30 % of its words replaced by words of the training lines. It reads the
lines as they are or in the words of the preset for logs, whichever is better on the TEST lines.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from scipy import stats
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM

warnings.filterwarnings("ignore")
KINDRED, DATA = sys.argv[1:3]
SEEDS = range(5)
SPLITS = int(sys.argv[3]) if len(sys.argv) > 3 else 200
WORK = tempfile.mkdtemp()


def path(name):
    return os.path.join(WORK, name)


def read(name, separator, normal):
    lines, odd = [], []
    with open(os.path.join(DATA, "lines", name), encoding="utf8", errors="replace", newline="\n") as f:
        for line in f:
            label, text = line.rstrip("\r\n").split(separator, 1)
            lines.append(text)
            odd.append(label != normal)
    return lines, np.array(odd)


def write(name, lines):
    with open(path(name), "w", encoding="utf8", newline="\n") as f:
        f.writelines(line + "\n" for line in lines)
    return path(name)


def kindred(*args):
    return subprocess.run([KINDRED, *args], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def preset(line):
    """The words of the preset for logs, as package analysis makes them of ASCII lines."""
    words = []
    for word in re.findall(r"[0-9]+(?:T[0-9]+)*(?![^\W_])(?:[.:,/-][0-9]+(?:T[0-9]+)*(?![^\W]))*|[^\W_](?:\w*[^\W_])?", line):
        word = word.lower()
        body = word[2:] if word.startswith("0x") else word
        groups = len(re.findall(r"\d+", body))
        hexadecimal = re.fullmatch(r"[0-9a-f]+", body)
        if word.startswith("0x") and len(word) > 2 and hexadecimal:
            word = "0x0"
        elif groups == 0:
            pass
        elif not re.search(r"[^\W\d_]", word) or re.fullmatch(r"[\d.:,/-]*-[\d.:,/-]*t[\d.:,/-]+", word):
            word = "0"
        elif hexadecimal and len(word) >= 4:
            word = "0x0"
        elif groups >= 3 and len(word) >= 10:
            word = "0id"
        else:
            word = re.sub(r"\d+", "0", word)
        words.append(word)
    return " ".join(words)


def random_split(lines, odd, seed):
    distinct = sorted(set(lines))
    random.Random(seed).shuffle(distinct)
    first = set(distinct[: len(distinct) // 2])
    train = [i for i, line in enumerate(lines) if line in first and not odd[i]]
    test = [i for i, line in enumerate(lines) if line not in first]
    return train, test


def chronological_split(lines, odd, _):
    cut = len(lines) * 6 // 10
    train = [i for i in range(cut) if not odd[i]]
    known = {lines[i] for i in train}
    return train, [i for i in range(cut, len(lines)) if lines[i] not in known]


DETECTORS = {
    "one-class SVM": [lambda s: OneClassSVM(kernel="rbf", gamma="scale", nu=0.05), lambda s: OneClassSVM(kernel="rbf", gamma="scale", nu=0.3), lambda s: OneClassSVM(kernel="linear", nu=0.1)],
    "isolation forest": [lambda s: IsolationForest(n_estimators=100, random_state=s), lambda s: IsolationForest(n_estimators=300, random_state=s), lambda s: IsolationForest(n_estimators=300, max_features=0.3, random_state=s)],
    "local outlier factor": [lambda s: LocalOutlierFactor(n_neighbors=n, metric="cosine", novelty=True) for n in (5, 20, 50)],
}


def fit(detector, train):
    vectorizer = TfidfVectorizer(token_pattern=r"\S+")
    fitted = detector.fit(vectorizer.fit_transform(train))
    return lambda lines: -fitted.decision_function(vectorizer.transform(lines))


def detect(settings, train, test, seed):
    """The scores of test lines by the setting that finds made anomalies best."""
    draw = random.Random(seed)
    shuffled = train[:]
    draw.shuffle(shuffled)
    cut = len(shuffled) // 5
    kept, rest = shuffled[:cut], shuffled[cut:]
    words = [w for line in rest for w in line.split()]
    made = [" ".join(draw.choice(words) if draw.random() < 0.3 else w for w in line.split()) for line in kept[: cut // 2]]
    truth = [0] * (cut - cut // 2) + [1] * len(made)
    best = max(settings, key=lambda s: average_precision_score(truth, fit(s(seed), rest)(kept[cut // 2 :] + made)))
    return fit(best(seed), train)(test)


def with_kindred(train, test, odd, flags):
    model = path("model.safetensors")
    kindred("train", "--input", write("train", train), "--output", model, "--quiet", "--cache-limit", "0", *flags)
    labels = write("labels", ["odd" if o else "-" for o in odd])
    return json.loads(kindred("score", model, write("test", test), "--labels", labels, "--json"))


def interval(values):
    values = np.array(values)
    if len(values) < 2 or values.std() == 0:
        return f"{values.mean():.3f}"
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return f"{values.mean():.3f} ± {half:.3f}"


def compare(name, lines, odd, split, seeds):
    results = {}

    def add(who, what, value):
        results.setdefault(who, {}).setdefault(what, []).append(value)

    for seed in seeds:
        train, test = split(lines, odd, seed)
        truth = odd[test]
        for who, flags in (("kindred, preset logs", ["--preset", "logs"]), ("kindred, defaults", [])):
            report = with_kindred([lines[i] for i in train], [lines[i] for i in test], truth, [*flags, "--seed", str(seed + 1)])
            for what in ("pr_auc", "roc_auc", "precision", "recall", "f1", "false_alarms"):
                if report[what] is not None:
                    add(who, what, report[what])
        forms = {"raw": lines, "preset": [preset(line) for line in lines]}
        for who, settings in DETECTORS.items():
            for form, text in forms.items():
                scores = detect(settings, [text[i] for i in train], [text[i] for i in test], seed)
                add((who, form), "pr_auc", average_precision_score(truth, scores))
                add((who, form), "roc_auc", roc_auc_score(truth, scores))
    print(f"\n{name}: {len(train)} training lines, {len(test)} test lines, {100 * truth.mean():.1f} % of them odd\n")
    print("| | PR-AUC | ROC-AUC | precision | recall | F1 | false alarms |\n| --- | --- | --- | --- | --- | --- | --- |")
    for who in DETECTORS:
        form = max(("raw", "preset"), key=lambda f: np.mean(results[who, f]["pr_auc"]))
        results[f"TF-IDF, {who} ({form})"] = results[who, form]
        del results[who, "raw"], results[who, "preset"]
    for who, measured in results.items():
        print("| " + " | ".join([who] + [interval(measured[w]) if w in measured else "" for w in ("pr_auc", "roc_auc", "precision", "recall", "f1", "false_alarms")]) + " |")
    sys.stdout.flush()


def false_alarms(name, lines, odd):
    """Trains on a random half of the normal lines, and counts the alarms among the other half."""
    normal = [line for line, o in zip(lines, odd) if not o]
    rates = {"0.01": [], "0.05": []}
    for split in range(SPLITS):
        random.Random(1000 + split).shuffle(normal)
        half = len(normal) // 2
        model = path("model.safetensors")
        kindred("train", "--preset", "logs", "--input", write("train", normal[:half]), "--output", model, "--quiet", "--cache-limit", "0", "--dim", "16", "--epochs", "2", "--calibrate", "40%")
        test = write("test", normal[half:])
        scored = [json.loads(line) for line in kindred("score", model, test, "--json", "--seed", str(split)).splitlines()]
        for rate, shares in rates.items():
            shares.append(np.mean([s["p"] is not None and s["p"] <= float(rate) for s in scored]))
    n, m = round(0.4 * half), len(normal) - half
    for rate, shares in rates.items():
        a = float(rate)
        k = int(a * (n + 1) + 1e-9)
        mean = k / (n + 1)
        variance = mean * (1 - mean) / (n + 2) + k * (n + 1 - k) / ((n + 1) * (n + 2)) / m
        print(f"| {name} | {100 * a:g} % | {100 * mean:.2f} % | {100 * np.mean(shares):.2f} % ± {196 * np.std(shares) / SPLITS ** 0.5:.2f} | {100 * np.std(shares):.2f} % | {100 * variance ** 0.5:.2f} % |", flush=True)


sets = {"bgl-2k": read("bgl-2k.log", " ", "-"), "sms-spam": read("sms-spam.tsv", "\t", "ham")}
for name, (lines, odd) in sets.items():
    compare(f"{name}, random splits", lines, odd, random_split, SEEDS)
    compare(f"{name}, chronological split", lines, odd, chronological_split, SEEDS)
print("\n| lines | rate | expected | mean | standard deviation | of a beta-binomial |\n| --- | --- | --- | --- | --- | --- |")
for name, (lines, odd) in sets.items():
    false_alarms(name, lines, odd)
