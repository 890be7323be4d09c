"""Measures what negatives, their number, their hardness and the balance of labels do to a classifier.

    python3 classification.py lines spam /path/to/sms-spam.tsv > spam.tsv
    python3 classification.py lines languages /usr/share/man > languages.tsv
    python3 classification.py run spam.tsv results.jsonl --kindred kindred --fasttext fasttext
    python3 classification.py table results.jsonl spam

The first two write tables of label and text. Languages are those of Debian's translated manual pages (manpages-cs,
-da, -de, -el, -es, -fi, -fr, -hu, -id, -it, -mk, -nb, -nl, -pl, -pt-br, -ro, -ru, -sr, -sv, -tr, -uk, -vi). Each seed has
a split of its own, three quarters to train and a quarter to test, with equal texts on one side. Needs nothing but Python.
"""

import argparse
import gzip
import json
import math
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile

SEEDS = range(1, 6)
STUDENT_T = 2.776  # 97.5 % of Student's t with 4 degrees of freedom

# What differs from the defaults. The first one is what the others are compared with.
SETTINGS = {
    "softmax": [],
    "ova": ["--loss", "ova"],
    "ns, 1 negative": ["--loss", "ns", "--negatives", "1"],
    "ns, 5 negatives": ["--loss", "ns", "--negatives", "5"],
    "ns, 20 negatives": ["--loss", "ns", "--negatives", "20"],
    "ns, 5 uniform": ["--loss", "ns", "--sampler", "uniform"],
    "ns, 5 of 20 hard": ["--loss", "ns", "--hard", "4"],
    "balance 0.5": ["--balance", "0.5"],
    "balance 1": ["--balance", "1"],
    "majority ratio 2": ["--majority-ratio", "2"],
    "majority ratio 2, hard": ["--majority-ratio", "2", "--majority-lines", "hard"],
    "majority ratio 1": ["--majority-ratio", "1"],
    "ns, 5, balance 1": ["--loss", "ns", "--balance", "1"],
}
FASTTEXT = {"fastText, softmax": "softmax", "fastText, ova": "ova", "fastText, ns": "ns"}


def spam_lines(path):
    for line in open(path, encoding="utf-8"):
        label, text = line.rstrip("\n").split("\t", 1)
        yield label, text


def manual_lines(root):
    """Yields lines of 20 to 60 characters of manual pages without the marks of troff, at most 2,000 of a language."""
    rng = random.Random(1)
    languages = [("en", f"man{n}") for n in range(1, 9)]
    languages += [(d.name, d.name) for d in sorted(pathlib.Path(root).iterdir()) if re.fullmatch(r"[a-z]{2}(_BR)?", d.name) and d.name not in ("ja", "zh")]
    found = {}
    for label, directory in languages:
        for page in sorted(pathlib.Path(root, directory).rglob("*.gz")):
            text = gzip.open(page).read().decode("utf-8", "replace")
            for line in text.split("\n"):
                line = re.sub(r"\\f.|\\[&|/,^%]|\\s[-+]?\d", "", line)
                line = re.sub(r"\\\(..|\\\[[^]]*\]", " ", line).replace("\\-", "-").replace("\\e", "\\")
                if not line.startswith((".", "'", "\\")) and 20 <= len(line.strip()) <= 60:
                    found.setdefault(label, {})[" ".join(line.split())] = None
    for label, lines in found.items():
        lines = list(lines)
        rng.shuffle(lines)
        if len(lines) >= 40:
            yield from ((label, line) for line in lines[:2000])


def split(rows, seed, directory):
    """Writes train and test as a table and in fastText's form."""
    by_text = {}
    for label, text in rows:
        by_text.setdefault(text, []).append(label)
    texts = sorted(by_text)
    random.Random(seed).shuffle(texts)
    cut = len(texts) // 4
    for name, part in (("test", texts[:cut]), ("train", texts[cut:])):
        with open(directory / f"{name}.tsv", "w", encoding="utf-8") as table, open(directory / f"{name}.txt", "w", encoding="utf-8") as lines:
            for text in part:
                for label in by_text[text]:
                    table.write(f"{label}\t{text}\n")
                    lines.write(f"__label__{label} {text}\n")


def seconds(command, **options):
    """Runs a command and returns the processor time that it took."""
    with tempfile.NamedTemporaryFile("r") as times:
        subprocess.run(["/usr/bin/time", "-f", "%U %S", "-o", times.name, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        return sum(map(float, times.read().split()[-2:]))


def run(args):
    rows = [tuple(line.rstrip("\n").split("\t", 1)) for line in open(args.lines, encoding="utf-8")]
    task = pathlib.Path(args.lines).stem
    with tempfile.TemporaryDirectory() as name, open(args.results, "a", encoding="utf-8") as results:
        directory = pathlib.Path(name)
        model = str(directory / "model.bin")
        for seed in SEEDS:
            split(rows, seed, directory)
            for setting in [*SETTINGS, *FASTTEXT]:
                if args.only and not re.search(args.only, setting):
                    continue
                if setting in SETTINGS:
                    took = seconds([args.kindred, "classify", "train", "--input", str(directory / "train.tsv"), "--output", model, "--format", "native",
                                    "--seed", str(seed), "--threads", "1", "--quiet", *SETTINGS[setting]])
                else:
                    lines = sum(1 for _ in open(directory / "train.txt", encoding="utf-8"))
                    labels = len({label for label, _ in rows})
                    epochs = min(100, max(5, math.ceil((100_000 + 2_000 * labels) / lines)))  # kindred's default
                    took = seconds([args.fasttext, "supervised", "-input", str(directory / "train.txt"), "-output", model.removesuffix(".bin"), "-wordNgrams", "2", "-minn", "2",
                                    "-maxn", "4", "-lr", "0.5", "-epoch", str(epochs), "-loss", FASTTEXT[setting], "-seed", str(seed), "-thread", "1"])
                report = subprocess.run([args.kindred, "classify", "test", model, str(directory / "test.tsv"), "--json"], check=True, capture_output=True)
                answer = json.loads(report.stdout)
                labels = {label: [scores["lines"], scores["precision"], scores["recall"], scores["f1"]] for label, scores in answer["labels"].items()}
                results.write(json.dumps({"task": task, "setting": setting, "seed": seed, "seconds": took, "macro_f1": answer["macro_f1"],
                                          "calibration_error": answer["calibration_error"], "labels": labels}) + "\n")
                results.flush()


def scores_of(result):
    """Returns precision, recall and F1: of the rarest label if there are two, else means over labels."""
    labels = [x for x in result["labels"].values() if x[0] > 0]
    if len(labels) == 2:
        labels = [min(labels)]
    return [100 * statistics.mean(x[i] or 0 for x in labels) for i in (1, 2, 3)]


def table(args):
    results = [json.loads(line) for line in open(args.results, encoding="utf-8")]
    results = [r for r in results if r["task"] == args.task]
    base = {r["seed"]: scores_of(r)[2] for r in results if r["setting"] == "softmax"}
    print("| | precision | recall | F1 | F1 less that of softmax | macro F1 | calibration error | CPU s |\n| --- | --- | --- | --- | --- | --- | --- | ---: |")
    for setting in dict.fromkeys(r["setting"] for r in results):
        of = [r for r in results if r["setting"] == setting]
        scores = [scores_of(r) for r in of]
        differences = [s[2] - base[r["seed"]] for s, r in zip(scores, of)]
        mean, half = statistics.mean(differences), STUDENT_T * statistics.stdev(differences) / math.sqrt(len(differences)) if len(differences) == len(SEEDS) else math.nan
        text = "" if setting == "softmax" else f"{mean:+.1f} ({mean - half:.1f} to {mean + half:.1f})"
        macro = [100 * r["macro_f1"] for r in of]
        print(f"| {setting} | " + " | ".join(f"{statistics.mean(s[i] for s in scores):.1f} ± {statistics.stdev(s[i] for s in scores):.1f}" for i in range(3))
              + f" | {text} | {statistics.mean(macro):.1f} | {statistics.mean(r['calibration_error'] for r in of):.4f} | {statistics.median(r['seconds'] for r in of):.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("lines")
    command.add_argument("task", choices=["spam", "languages"])
    command.add_argument("path")
    command.set_defaults(do=lambda args: sys.stdout.writelines(f"{label}\t{text}\n" for label, text in {"spam": spam_lines, "languages": manual_lines}[args.task](args.path)))
    command = commands.add_parser("run")
    command.add_argument("lines")
    command.add_argument("results")
    command.add_argument("--kindred", default="kindred")
    command.add_argument("--fasttext", default="fasttext")
    command.add_argument("--only", help="a regular expression: run only these settings")
    command.set_defaults(do=run)
    command = commands.add_parser("table")
    command.add_argument("results")
    command.add_argument("task")
    command.set_defaults(do=table)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
