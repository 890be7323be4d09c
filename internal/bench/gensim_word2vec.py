"""Trains word2vec by gensim for kindred bench.

The only argument is a JSON object with the arguments of Word2Vec, and with "input" and
"output". Lines that begin with "part" tell what begins.
"""

import json
import sys


def part(name):
    print("part", name, flush=True)


settings = json.loads(sys.argv[1])
text, vectors = settings.pop("input"), settings.pop("output")

from gensim.models import Word2Vec

part("vocabulary")
model = Word2Vec(sg=1, hs=0, **settings)
model.build_vocab(corpus_file=text)
part("train")
model.train(
    corpus_file=text,
    total_examples=model.corpus_count,
    total_words=model.corpus_total_words,
    epochs=model.epochs,
)
part("save")
model.wv.save_word2vec_format(vectors, binary=True)
