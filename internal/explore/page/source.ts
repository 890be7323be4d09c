// Where the page gets its answers: from the server, or from the page itself if it was written to a file.

export interface Neighbor {
  word: string;
  similarity: number;
}

/** What is known of a model, see the manifest in docs/formats.md. */
export interface Model {
  name: string;
  words: number;
  dim: number;
  manifest?: any;
}

/** The words of a map: their frequencies (0 if unknown), places on both maps and clusters. */
export interface Atlas {
  words: string[];
  ids: Map<string, number>;
  counts: Float64Array;
  umap: Uint16Array;
  pca: Uint16Array;
  clusters: Uint8Array;
  /** Typical words of each cluster. */
  names: string[][];
}

/** How many of their nearest words words have in common in two models, among the words of both. */
export interface Differences {
  /** The number of words that were compared, and of neighbors of each. */
  compared: number;
  top: number;
  /** The mean share of common neighbors, from 0 to 1. */
  mean: number;
  /** The words with the fewest common neighbors, and those with the most. */
  most: Overlap[];
  least: Overlap[];
}

export interface Overlap {
  word: string;
  shared: number;
}

export interface Source {
  models: Model[];
  /** Whether only some words are there: this many of the first ones. */
  part?: number;
  neighbors(model: string, positive: string[], negative: string[], top: number): Promise<Neighbor[]>;
  analogy(model: string, a: string, b: string, c: string, method: string, top: number): Promise<Neighbor[]>;
  /** How much the neighbors of frequent words differ between two models. */
  differences(model: string, other: string): Promise<Differences>;
  /** Words that begin with a prefix and are not on the map. */
  complete(model: string, prefix: string, top: number): Promise<string[]>;
  /** The map. wait is told how far the server is with it. */
  atlas(model: string, wait: (text: string) => void): Promise<Atlas>;
}

/** An error whose message is for the reader of the page. */
export class Failure extends Error {
  /** Words that may have been meant. */
  constructor(message: string, readonly suggestions: string[] = []) {
    super(message);
  }
}

function newAtlas(words: string[], counts: ArrayLike<number>, names: string[][], places: ArrayBuffer): Atlas {
  const n = words.length;
  const ids = new Map<string, number>();
  for (let i = n - 1; i >= 0; i--) ids.set(words[i], i);
  return {
    words, ids, names, counts: Float64Array.from(counts),
    umap: new Uint16Array(places, 0, 2 * n),
    pca: new Uint16Array(places, 4 * n, 2 * n),
    clusters: new Uint8Array(places, 8 * n, n),
  };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** ServerSource asks the server that the page came from. */
export class ServerSource implements Source {
  models: Model[] = [];

  static async open(): Promise<ServerSource> {
    const s = new ServerSource();
    s.models = (await s.get("v1/models")).models;
    return s;
  }

  private async fetch(path: string, body?: unknown): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    } catch {
      throw new Failure("The server does not answer. Is “kindred explore” still running?");
    }
    if (response.ok) return response;
    let problem: { message?: string; suggestions?: string[] } = {};
    try {
      problem = (await response.json()).error ?? {};
    } catch { /* no JSON */ }
    throw new Failure(problem.message ? sentence(problem.message) : `The server answers with status ${response.status}.`, problem.suggestions ?? []);
  }

  private async get(path: string): Promise<any> {
    return (await this.fetch(path)).json();
  }

  private async ask(operation: string, question: object): Promise<any> {
    return (await this.fetch(`v1/${operation}`, question)).json();
  }

  async neighbors(model: string, positive: string[], negative: string[], top: number): Promise<Neighbor[]> {
    return (await this.ask("neighbors", { model, positive, negative, top })).neighbors;
  }

  async analogy(model: string, a: string, b: string, c: string, method: string, top: number): Promise<Neighbor[]> {
    return (await this.ask("analogy", { model, a, b, c, method: method === "3CosMul" ? "mul" : "add", top })).neighbors;
  }

  async differences(model: string, other: string): Promise<Differences> {
    return (await this.fetch("explore/differences", { model, other })).json();
  }

  async complete(model: string, prefix: string, top: number): Promise<string[]> {
    return (await this.ask("prefix", { model, prefix, top })).words.map((w: { word: string }) => w.word);
  }

  async atlas(model: string, wait: (text: string) => void): Promise<Atlas> {
    const name = encodeURIComponent(model);
    for (;;) {
      const response = await this.fetch(`explore/map?model=${name}`);
      if (response.status === 202) {
        const { stage, done } = await response.json();
        wait(`Laying out the map: ${stage}${done > 0 ? `, ${Math.round(done * 100)} %` : ""}`);
        await sleep(400);
        continue;
      }
      const places = await response.arrayBuffer();
      const version = response.headers.get("ETag");
      const listed = await this.fetch(`explore/words?model=${name}`);
      const { words, counts, clusters } = await listed.json();
      // The vectors may have been replaced between the two answers.
      if (listed.headers.get("ETag") === version && places.byteLength === 9 * words.length) return newAtlas(words, counts, clusters, places);
    }
  }
}

/** A model in a page that was written to a file. Values are in base64. */
interface Embedded extends Model {
  list: string[];
  counts: number[];
  clusters: string[][];
  places: string;
  /** A byte for each value of a vector, whose length is 127. */
  vectors: string;
}

function bytes(base64: string): Uint8Array {
  const text = atob(base64), b = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) b[i] = text.charCodeAt(i);
  return b;
}

/** FileSource has the words and their vectors in the page. */
export class FileSource implements Source {
  models: Model[];
  part: number;
  private readonly opened = new Map<string, { atlas: Atlas; unit: Float32Array; dim: number }>();

  constructor(private readonly data: { models: Embedded[] }) {
    this.models = data.models;
    this.part = Math.max(...data.models.map((m) => m.list.length));
  }

  private open(name: string) {
    let m = this.opened.get(name);
    if (m) return m;
    const e = this.data.models.find((m) => m.name === name)!;
    const q = new Int8Array(bytes(e.vectors).buffer), unit = new Float32Array(q.length);
    for (let i = 0; i < e.list.length; i++) {
      let square = 0;
      for (let k = i * e.dim; k < (i + 1) * e.dim; k++) square += q[k] * q[k];
      const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
      for (let k = i * e.dim; k < (i + 1) * e.dim; k++) unit[k] = q[k] * scale;
    }
    m = { atlas: newAtlas(e.list, e.counts, e.clusters, bytes(e.places).buffer as ArrayBuffer), unit, dim: e.dim };
    this.opened.set(name, m);
    return m;
  }

  private id(model: string, word: string): number {
    const id = this.open(model).atlas.ids.get(word);
    if (id === undefined) throw new Failure(`“${word}” is not among the ${this.open(model).atlas.words.length.toLocaleString("en")} words of this page.`);
    return id;
  }

  /** cosines returns the cosines of all words with a vector. */
  private cosines(model: string, vector: Float32Array): Float32Array {
    const { unit, dim, atlas } = this.open(model), all = new Float32Array(atlas.words.length);
    let square = 0;
    for (const v of vector) square += v * v;
    if (square === 0) throw new Failure("The vectors of these words add up to zero, which has no direction and so no neighbors.");
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < all.length; i++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += unit[i * dim + k] * vector[k];
      all[i] = sum * scale;
    }
    return all;
  }

  private vector(model: string, word: string): Float32Array {
    const { unit, dim } = this.open(model), id = this.id(model, word);
    return unit.subarray(id * dim, (id + 1) * dim);
  }

  private best(model: string, scores: Float32Array, except: string[], top: number): Neighbor[] {
    const { atlas } = this.open(model), skip = new Set(except.map((w) => this.id(model, w)));
    const order: number[] = [];
    for (let i = 0; i < scores.length; i++) if (!skip.has(i)) order.push(i);
    order.sort((a, b) => scores[b] - scores[a] || a - b);
    return order.slice(0, top).map((i) => ({ word: atlas.words[i], similarity: scores[i] }));
  }

  async neighbors(model: string, positive: string[], negative: string[], top: number): Promise<Neighbor[]> {
    const sum = new Float32Array(this.open(model).dim);
    for (const [words, sign] of [[positive, 1], [negative, -1]] as const) {
      for (const w of words) this.vector(model, w).forEach((v, k) => (sum[k] += sign * v));
    }
    return this.best(model, this.cosines(model, sum), [...positive, ...negative], top);
  }

  async analogy(model: string, a: string, b: string, c: string, method: string, top: number): Promise<Neighbor[]> {
    const [ca, cb, cc] = [a, b, c].map((w) => this.cosines(model, this.vector(model, w)));
    const half = (x: number) => (1 + x) / 2;
    const scores = ca.map((_, i) => method === "3CosMul" ? (half(cb[i]) * half(cc[i])) / (half(ca[i]) + 0.001) : cb[i] - ca[i] + cc[i]);
    return this.best(model, scores, [a, b, c], top);
  }

  async differences(model: string, other: string): Promise<Differences> {
    const top = 10, [m, o] = [this.open(model), this.open(other)];
    const shared = m.atlas.words.filter((w) => o.atlas.ids.has(w)), among = new Set(shared), list: Overlap[] = [];
    const near = (name: string, word: string) => {
      const all = this.best(name, this.cosines(name, this.vector(name, word)), [word], 4 * top + 50);
      return all.filter((n) => among.has(n.word)).slice(0, top).map((n) => n.word);
    };
    for (const word of shared.slice(0, 500)) {
      const there = new Set(near(other, word));
      list.push({ word, shared: near(model, word).filter((w) => there.has(w)).length });
      if (list.length % 20 === 0) await sleep(0); // the page stays alive
    }
    const mean = list.reduce((sum, o) => sum + o.shared, 0) / (list.length * top || 1);
    const order = list.map((o, i) => ({ ...o, i })).sort((a, b) => a.shared - b.shared || a.i - b.i);
    const plain = (l: typeof order) => l.map(({ word, shared }) => ({ word, shared }));
    return { compared: list.length, top, mean, most: plain(order.slice(0, 20)), least: plain(order.slice(-20).reverse()) };
  }

  async complete(): Promise<string[]> {
    return [];
  }

  async atlas(model: string): Promise<Atlas> {
    return this.open(model).atlas;
  }
}

/** sentence makes a message a sentence. */
export function sentence(text: string): string {
  const s = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(s) ? s : s + ".";
}
