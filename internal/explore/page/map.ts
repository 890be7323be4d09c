// A map of words: points drawn by WebGL, and above them a canvas for names, lines and arrows.

/** Words with their places, as a model gives them. Places are in 0..65535, two to a word. */
export interface Places {
  words: string[];
  positions: Uint16Array;
}

/** What is drawn above the points. Words are given by their numbers. */
export interface Marks {
  /** The words that are asked about. */
  selected: number[];
  /** Other words that stand out, the most important first. */
  near: number[];
  /** Words of a list, which stand out less. */
  listed: number[];
  /** Lines from one word to another. */
  lines: [number, number][];
  arrows: [number, number][];
}

/** The middle of the picture on the map, in 0..1, and how much larger it is than the whole map. */
export interface Camera {
  x: number;
  y: number;
  zoom: number;
}

/** Colors of the page, as its style sheet has them. */
export interface Theme {
  ground: string;
  ink: string;
  muted: string;
  accent: string;
  arrow: string;
}

const unit = 1 / 65535;
const cells = 256; // of the grid that finds points, in each direction
const mostZoom = 2000;
const mostLabels = 70;

const vertexSource = `
attribute vec2 place;
attribute vec4 color;
uniform vec2 middle, scale;
uniform mediump float size;
varying vec4 tint;
void main() {
  gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
  gl_PointSize = size;
  tint = color;
}`;

const fragmentSource = `
precision mediump float;
varying vec4 tint;
uniform float size;
void main() {
  vec2 d = gl_PointCoord - 0.5;
  float edge = size < 3.0 ? 1.0 : clamp((0.5 - length(d)) * size, 0.0, 1.0);
  gl_FragColor = vec4(tint.rgb, tint.a * edge);
}`;

/** Painter draws all points. */
interface Painter {
  places(positions: Uint16Array): void;
  colors(rgba: Uint8Array): void;
  draw(width: number, height: number, camera: Camera, pixelsPerUnit: number, size: number): void;
}

class WebGLPainter implements Painter {
  private readonly place: WebGLBuffer;
  private readonly color: WebGLBuffer;
  private readonly uniforms: Record<string, WebGLUniformLocation | null> = {};
  private count = 0;

  constructor(private readonly gl: WebGLRenderingContext) {
    const program = gl.createProgram()!;
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertexSource], [gl.FRAGMENT_SHADER, fragmentSource]] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, 0, "place");
    gl.bindAttribLocation(program, 1, "color");
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      throw new Error(gl.getProgramInfoLog(program) ?? "no program");
    }
    gl.useProgram(program);
    for (const name of ["middle", "scale", "size"]) this.uniforms[name] = gl.getUniformLocation(program, name);
    this.place = gl.createBuffer()!;
    this.color = gl.createBuffer()!;
    gl.enableVertexAttribArray(0);
    gl.enableVertexAttribArray(1);
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  places(positions: Uint16Array): void {
    this.count = positions.length / 2;
    const gl = this.gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.place);
    gl.bufferData(gl.ARRAY_BUFFER, backwards(positions, 2), gl.STATIC_DRAW);
    gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, 4, 0);
  }

  colors(rgba: Uint8Array): void {
    const gl = this.gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.color);
    gl.bufferData(gl.ARRAY_BUFFER, backwards(rgba, 4), gl.STATIC_DRAW);
    gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 4, 0);
  }

  draw(width: number, height: number, camera: Camera, pixelsPerUnit: number, size: number): void {
    const gl = this.gl;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (this.count === 0) return;
    gl.uniform2f(this.uniforms.middle, camera.x, camera.y);
    gl.uniform2f(this.uniforms.scale, (2 * pixelsPerUnit) / width, (-2 * pixelsPerUnit) / height);
    gl.uniform1f(this.uniforms.size, size);
    gl.drawArrays(gl.POINTS, 0, this.count);
  }
}

/**
 * PixelPainter sets pixels. It is for machines without a graphics card: a program that stands in for one takes ten
 * times as long for many points.
 */
class PixelPainter implements Painter {
  private positions: Uint16Array = new Uint16Array();
  private colors32 = new Uint32Array();
  private image?: ImageData;
  constructor(private readonly context: CanvasRenderingContext2D) {}
  places(positions: Uint16Array): void {
    this.positions = positions;
  }
  colors(rgba: Uint8Array): void {
    this.colors32 = new Uint32Array(rgba.slice().buffer); // red is the lowest byte, as on all machines with browsers
  }
  draw(width: number, height: number, camera: Camera, pixelsPerUnit: number, size: number): void {
    if (this.image?.width !== width || this.image.height !== height) this.image = this.context.createImageData(width, height);
    const pixels = new Uint32Array(this.image.data.buffer), colors = this.colors32, places = this.positions;
    pixels.fill(0);
    // The pixels of a point, with the share that it covers.
    const side = Math.max(1, Math.round(size)), offsets: number[] = [], shares: number[] = [];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const share = side < 3 ? 1 : Math.max(0, Math.min(1, (side + 0.3) / 2 - Math.hypot(x - (side - 1) / 2, y - (side - 1) / 2)));
        if (share === 0) continue;
        offsets.push(y * width + x);
        shares.push(share);
      }
    }
    const scale = unit * pixelsPerUnit, left = camera.x * pixelsPerUnit - (width - side) / 2, top = camera.y * pixelsPerUnit - (height - side) / 2;
    const right = width - side, bottom = height - side;
    for (let i = Math.min(colors.length, places.length / 2) - 1; i >= 0; i--) { // frequent words last
      const x = Math.round(places[2 * i] * scale - left), y = Math.round(places[2 * i + 1] * scale - top);
      if (x < 0 || y < 0 || x > right || y > bottom) continue;
      const color = colors[i], alpha = color >>> 24, at = y * width + x;
      for (let k = 0; k < offsets.length; k++) {
        const a = shares[k] === 1 ? alpha : Math.round(alpha * shares[k]);
        // What counts is not covered by what does not.
        if (a >= pixels[at + offsets[k]] >>> 24) pixels[at + offsets[k]] = ((a << 24) | (color & 0xffffff)) >>> 0;
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }
}

/** hasGraphicsCard tells whether WebGL is drawn by one. "?webgl" in the address says so in any case. */
function hasGraphicsCard(): boolean {
  if (new URLSearchParams(location.search).has("webgl")) return true;
  const gl = document.createElement("canvas").getContext("webgl", { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

/** backwards reverses the order of elements of a size, so that frequent words are drawn last. */
function backwards(values: Uint8Array | Uint16Array, size: number): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const n = values.length / size;
  const reversed = values.slice() as Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < size; k++) reversed[(n - 1 - i) * size + k] = values[i * size + k];
  }
  return reversed;
}

/** MapView is a map in an element of the page, which can be moved by mouse, touch and keys. */
export class MapView {
  /** Called when a word is clicked. */
  onPick: (word: number) => void = () => {};
  /** Called when the picture has been moved by the user. */
  onMove: (camera: Camera) => void = () => {};

  private readonly pointCanvas = document.createElement("canvas");
  private readonly markCanvas = document.createElement("canvas");
  private readonly tip = document.createElement("div");
  private painter: Painter;
  private readonly marker: CanvasRenderingContext2D;
  private data: Places = { words: [], positions: new Uint16Array() };
  private grid = { starts: new Int32Array(cells * cells + 1), ids: new Int32Array() };
  private rgba: Uint8Array = new Uint8Array();
  private marks: Marks = { selected: [], near: [], listed: [], lines: [], arrows: [] };
  private camera: Camera = { x: 0.5, y: 0.5, zoom: 1 };
  private home: Camera = { x: 0.5, y: 0.5, zoom: 1 };
  private theme: Theme = { ground: "#fff", ink: "#000", muted: "#666", accent: "#06c", arrow: "#c40" };
  private width = 1;
  private height = 1;
  private ratio = 1;
  private frame = 0;
  private flight = 0;
  private hovered = -1;
  /** The width of the upper left corner that stays free of names. */
  corner = 0;
  private readonly widths = new Map<string, number>();
  /** Times of the frames that were drawn, in milliseconds, for measurements. */
  readonly frames: number[] = [];

  constructor(private readonly element: HTMLElement) {
    element.classList.add("map");
    element.tabIndex = 0;
    this.pointCanvas.className = this.markCanvas.className = "layer";
    this.tip.className = "tip";
    this.tip.hidden = true;
    element.append(this.pointCanvas, this.markCanvas, this.tip);
    this.marker = this.markCanvas.getContext("2d")!;
    this.painter = this.newPainter();
    this.pointCanvas.addEventListener("webglcontextlost", (e) => e.preventDefault());
    this.pointCanvas.addEventListener("webglcontextrestored", () => {
      this.painter = this.newPainter();
      this.painter.places(this.data.positions);
      this.painter.colors(this.rgba);
      this.redraw();
    });
    new ResizeObserver(() => this.resize()).observe(element);
    this.listen();
    this.resize();
  }

  private newPainter(): Painter {
    const gl = hasGraphicsCard() ? this.pointCanvas.getContext("webgl", { alpha: true, premultipliedAlpha: false, antialias: false }) : null;
    return gl ? new WebGLPainter(gl) : new PixelPainter(this.pointCanvas.getContext("2d")!);
  }

  /** show replaces the points. The picture then shows all but the outermost ones, unless camera is given. */
  show(data: Places, camera?: Camera): void {
    this.data = data;
    this.painter.places(data.positions);
    this.index();
    this.home = this.fitting();
    this.stop();
    this.camera = camera ?? { ...this.home };
    this.hover(-1);
    this.redraw();
  }

  /** paint sets the colors of the points, four bytes each. */
  paint(rgba: Uint8Array): void {
    this.rgba = rgba;
    this.painter.colors(rgba);
    this.redraw();
  }

  mark(marks: Marks): void {
    this.marks = marks;
    this.pointCanvas.style.opacity = marks.selected.length + marks.near.length > 0 ? "0.45" : "1";
    this.redraw();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.redraw();
  }

  /** at returns the camera, undefined if it shows the whole map. */
  at(): Camera | undefined {
    const c = this.camera, h = this.home;
    const still = Math.abs(c.zoom / h.zoom - 1) < 1e-3 && Math.hypot(c.x - h.x, c.y - h.y) * c.zoom < 1e-3;
    return still ? undefined : c;
  }

  /** go moves the picture, at once or in a short flight. */
  go(camera: Camera, fly: boolean): void {
    this.stop();
    if (!fly || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.camera = { ...camera };
      this.redraw();
      return;
    }
    const from = { ...this.camera }, begin = performance.now(), length = 350;
    const step = (now: number) => {
      const t = Math.min(1, Math.max(0, (now - begin) / length)), s = t * t * (3 - 2 * t);
      const zoom = from.zoom * Math.pow(camera.zoom / from.zoom, s);
      this.camera = { x: from.x + (camera.x - from.x) * s, y: from.y + (camera.y - from.y) * s, zoom };
      this.redraw();
      this.flight = t < 1 ? requestAnimationFrame(step) : 0;
      if (t === 1) this.onMove(this.camera);
    };
    this.flight = requestAnimationFrame(step);
  }

  /** goHome shows the whole map. */
  goHome(fly = true): void {
    this.go(this.home, fly);
  }

  /** frameWords moves the picture so that words are in it, and most of the others that are near the first of them. */
  frameWords(words: number[], others: number[]): void {
    const from = words[0] ?? others[0];
    if (from === undefined) return;
    const [x0, y0] = this.place(from);
    const far = (id: number) => Math.hypot(this.place(id)[0] - x0, this.place(id)[1] - y0);
    const ids = [...words, ...others.slice().sort((a, b) => far(a) - far(b)).slice(0, Math.ceil(others.length * 0.75))];
    let [left, right, top, bottom] = [1, 0, 1, 0];
    for (const id of ids) {
      const [x, y] = this.place(id);
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
    const spread = Math.max((right - left) * this.base() * 1.35 / this.width, (bottom - top) * this.base() * 1.5 / this.height, 0.02);
    this.go({ x: (left + right) / 2, y: (top + bottom) / 2, zoom: Math.max(this.home.zoom, Math.min(1 / spread, 40)) }, true);
  }

  private stop(): void {
    cancelAnimationFrame(this.flight);
    this.flight = 0;
  }

  private place(id: number): [number, number] {
    return [this.data.positions[2 * id] * unit, this.data.positions[2 * id + 1] * unit];
  }

  /** base is the number of pixels of the page that the whole map has in each direction at the zoom 1. */
  private base(): number {
    return Math.min(this.width, this.height) * 0.94;
  }

  private toScreen(id: number): [number, number] {
    const [x, y] = this.place(id), s = this.base() * this.camera.zoom;
    return [(x - this.camera.x) * s + this.width / 2, (y - this.camera.y) * s + this.height / 2];
  }

  private toMap(x: number, y: number): [number, number] {
    const s = this.base() * this.camera.zoom;
    return [(x - this.width / 2) / s + this.camera.x, (y - this.height / 2) / s + this.camera.y];
  }

  /** fitting returns the camera that shows all but one point in 200 on each side. */
  private fitting(): Camera {
    const n = this.data.positions.length / 2;
    if (n === 0) return { x: 0.5, y: 0.5, zoom: 1 };
    const bounds = [0, 1].map((axis) => {
      const values = new Uint16Array(n);
      for (let i = 0; i < n; i++) values[i] = this.data.positions[2 * i + axis];
      values.sort();
      const cut = Math.floor(n / 200);
      return [values[cut] * unit, values[n - 1 - cut] * unit];
    });
    const [[left, right], [top, bottom]] = bounds;
    const fill = Math.max(((right - left) * this.base()) / this.width, ((bottom - top) * this.base()) / this.height, 1e-3) * 1.1;
    return { x: (left + right) / 2, y: (top + bottom) / 2, zoom: 1 / fill };
  }

  /** index sorts the points into a grid. */
  private index(): void {
    const p = this.data.positions, n = p.length / 2;
    const starts = new Int32Array(cells * cells + 1), ids = new Int32Array(n);
    const cell = (i: number) => (p[2 * i + 1] >> 8) * cells + (p[2 * i] >> 8);
    for (let i = 0; i < n; i++) starts[cell(i) + 1]++;
    for (let c = 0; c < cells * cells; c++) starts[c + 1] += starts[c];
    const free = starts.slice();
    for (let i = 0; i < n; i++) ids[free[cell(i)]++] = i;
    this.grid = { starts, ids };
  }

  /** nearest returns the point that is nearest to a place on the screen, -1 if there is none within radius pixels. */
  private nearest(x: number, y: number, radius: number): number {
    const [mx, my] = this.toMap(x, y), s = this.base() * this.camera.zoom, reach = radius / s;
    const clamp = (v: number) => Math.max(0, Math.min(cells - 1, Math.floor(v * 65535 / 256)));
    let best = -1, least = radius * radius;
    for (let cy = clamp(my - reach); cy <= clamp(my + reach); cy++) {
      for (let cx = clamp(mx - reach); cx <= clamp(mx + reach); cx++) {
        for (let k = this.grid.starts[cy * cells + cx]; k < this.grid.starts[cy * cells + cx + 1]; k++) {
          const i = this.grid.ids[k];
          const [px, py] = this.place(i);
          const d = ((px - mx) ** 2 + (py - my) ** 2) * s * s;
          if (d < least || (d === least && i < best)) [best, least] = [i, d];
        }
      }
    }
    return best;
  }

  private resize(): void {
    const box = this.element.getBoundingClientRect();
    const followed = this.at() === undefined;
    this.width = Math.max(1, box.width);
    this.height = Math.max(1, box.height);
    this.ratio = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.pointCanvas, this.markCanvas]) {
      canvas.width = Math.round(this.width * this.ratio);
      canvas.height = Math.round(this.height * this.ratio);
    }
    this.home = this.fitting();
    if (followed) this.camera = { ...this.home };
    this.draw();
  }

  redraw(): void {
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }

  private draw(): void {
    const zoomed = this.camera.zoom / this.home.zoom;
    const crowd = Math.sqrt((this.width * this.height) / (this.data.words.length + 1)); // pixels between points
    const size = Math.max(1.5, Math.min(9, crowd * 0.45 * Math.pow(zoomed, 0.45))) * this.ratio;
    this.painter.draw(this.pointCanvas.width, this.pointCanvas.height, this.camera, this.base() * this.camera.zoom * this.ratio, size);
    this.drawMarks();
    this.frames.push(performance.now());
    if (this.frames.length > 2000) this.frames.splice(0, 1000);
  }

  private drawMarks(): void {
    const c = this.marker;
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.clearRect(0, 0, this.width, this.height);
    c.lineCap = "round";
    c.lineJoin = "round";
    for (const [from, to] of this.marks.lines) this.line(from, to);
    for (const [from, to] of this.marks.arrows) this.arrow(from, to);
    for (const id of this.marks.listed) this.dot(id, 3.5, this.theme.accent);
    for (const id of this.marks.near) this.dot(id, 3.5, this.theme.ink);
    for (const id of this.marks.selected) this.dot(id, 5.5, this.theme.accent);
    this.drawLabels();
  }

  private dot(id: number, radius: number, color: string): void {
    const c = this.marker, [x, y] = this.toScreen(id);
    c.beginPath();
    c.arc(x, y, radius, 0, 2 * Math.PI);
    c.fillStyle = color;
    c.fill();
    c.lineWidth = 1.5;
    c.strokeStyle = this.theme.ground;
    c.stroke();
  }

  private line(from: number, to: number): void {
    const c = this.marker;
    c.beginPath();
    c.moveTo(...this.toScreen(from));
    c.lineTo(...this.toScreen(to));
    c.lineWidth = 1;
    c.globalAlpha = 0.55;
    c.strokeStyle = this.theme.accent;
    c.stroke();
    c.globalAlpha = 1;
  }

  private arrow(from: number, to: number): void {
    const c = this.marker, [x1, y1] = this.toScreen(from), [x2, y2] = this.toScreen(to);
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (length < 14) return;
    const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
    const tip = [x2 - ux * 8, y2 - uy * 8], head = 11;
    for (const [color, width] of [[this.theme.ground, 6], [this.theme.arrow, 2.5]] as const) {
      c.strokeStyle = c.fillStyle = color;
      c.lineWidth = width;
      c.beginPath();
      c.moveTo(x1 + ux * 8, y1 + uy * 8);
      c.lineTo(tip[0] - ux * 4, tip[1] - uy * 4);
      c.stroke();
      c.beginPath();
      c.moveTo(tip[0], tip[1]);
      c.lineTo(tip[0] - ux * head - uy * head * 0.45, tip[1] - uy * head + ux * head * 0.45);
      c.lineTo(tip[0] - ux * head + uy * head * 0.45, tip[1] - uy * head - ux * head * 0.45);
      c.closePath();
      if (color === this.theme.arrow) c.fill();
      else c.stroke();
    }
  }

  /** drawLabels writes names: those of marked words, then those of frequent words where there is room. */
  private drawLabels(): void {
    const c = this.marker, taken: [number, number, number, number][] = [];
    const height = 16;
    const write = (id: number, font: string, color: string, must: boolean): boolean => {
      const [x, y] = this.toScreen(id);
      if (x < -20 || y < 0 || x > this.width + 20 || y > this.height) return false;
      const text = short(this.data.words[id]);
      const key = font + text;
      let width = this.widths.get(key);
      if (width === undefined) {
        c.font = font;
        this.widths.set(key, (width = c.measureText(text).width));
        if (this.widths.size > 20000) this.widths.clear();
      }
      // To the right of the point, or to its left, above or below it.
      const spots: [number, number][] = [[x + 8, y], [x - 8 - width, y], [x - width / 2, y - 15], [x - width / 2, y + 15]];
      for (const [left, middle] of must ? spots : spots.slice(0, 1)) {
        // Names of frequent words keep away from others, so that they are all over the map.
        const [wide, high] = must ? [3, 0] : [14, 7];
        const box: [number, number, number, number] = [left - wide, middle - height / 2 - high, left + width + wide, middle + height / 2 + high];
        if (left < 0 || left + width > this.width || middle < height / 2 || middle > this.height - height / 2) continue;
        if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
        taken.push(box);
        c.font = font;
        c.textBaseline = "middle";
        c.lineWidth = 3.5;
        c.strokeStyle = this.theme.ground;
        c.strokeText(text, left, middle);
        c.fillStyle = color;
        c.fillText(text, left, middle);
        return true;
      }
      return false;
    };
    const family = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
    if (this.corner > 0) taken.push([0, 0, this.corner, 26]);
    const marked = new Set([...this.marks.selected, ...this.marks.near]);
    for (const id of marked) { // no name of another word on the points themselves
      const [x, y] = this.toScreen(id);
      taken.push([x - 4, y - 4, x + 4, y + 4]);
    }
    for (const id of this.marks.selected) write(id, `650 15px ${family}`, this.theme.ink, true);
    for (const id of this.marks.near) write(id, `500 13px ${family}`, this.theme.ink, true);
    let named = 0;
    for (const id of this.marks.listed) if (named < 150 && !marked.has(id) && write(id, `500 13px ${family}`, this.theme.ink, true)) named++;
    const room = this.marks.listed.length > 0 ? 0 : Math.min(mostLabels, Math.floor((this.width * this.height) / 14000));
    let written = 0;
    const step = this.camera.zoom / this.home.zoom;
    const tries = Math.min(this.data.words.length, Math.round(4000 * Math.max(1, step * step)), 40000);
    for (let id = 0; id < tries && written < room; id++) {
      if (marked.has(id) || this.rgba[4 * id + 3] < 60) continue;
      if (write(id, `400 12px ${family}`, marked.size > 0 ? this.theme.muted : this.theme.ink, false)) written++;
    }
  }

  private hover(id: number): void {
    if (id === this.hovered && id < 0) return;
    this.hovered = id;
    this.tip.hidden = id < 0;
    this.markCanvas.style.cursor = id < 0 ? "" : "pointer";
    if (id < 0) return;
    this.tip.textContent = this.data.words[id];
    const [x, y] = this.toScreen(id);
    const room = Math.min(this.width - 8, Math.max(8, x - this.tip.offsetWidth / 2));
    this.tip.style.left = `${Math.min(room, this.width - this.tip.offsetWidth - 8)}px`;
    this.tip.style.top = `${y > 44 ? y - 38 : y + 14}px`;
  }

  private zoomAt(x: number, y: number, factor: number): void {
    this.stop();
    const [mx, my] = this.toMap(x, y);
    const zoom = Math.max(this.home.zoom * 0.5, Math.min(this.home.zoom * mostZoom, this.camera.zoom * factor));
    const s = this.base() * zoom;
    this.camera = { x: mx - (x - this.width / 2) / s, y: my - (y - this.height / 2) / s, zoom };
    this.hover(-1);
    this.redraw();
    this.onMove(this.camera);
  }

  /** pan moves the picture by pixels of the page. */
  pan(dx: number, dy: number): void {
    this.stop();
    const s = this.base() * this.camera.zoom;
    const clamp = (v: number) => Math.max(-0.2, Math.min(1.2, v));
    this.camera = { ...this.camera, x: clamp(this.camera.x - dx / s), y: clamp(this.camera.y - dy / s) };
    this.hover(-1);
    this.redraw();
    this.onMove(this.camera);
  }

  zoom(factor: number): void {
    this.zoomAt(this.width / 2, this.height / 2, factor);
  }

  private listen(): void {
    const pointers = new Map<number, [number, number]>();
    let moved = 0;
    const local = (e: MouseEvent): [number, number] => {
      const box = this.element.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    const canvas = this.markCanvas;
    canvas.addEventListener("pointerdown", (e) => {
      if (e.button !== 0) return;
      if (pointers.size === 0) moved = 0;
      pointers.set(e.pointerId, local(e));
      canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener("pointermove", (e) => {
      const now = local(e), before = pointers.get(e.pointerId);
      if (!before) {
        if (e.pointerType === "mouse") this.hover(this.nearest(now[0], now[1], 10));
        return;
      }
      const other = [...pointers].find(([id]) => id !== e.pointerId)?.[1];
      if (other) { // two fingers
        const gap = (p: [number, number]) => Math.hypot(p[0] - other[0], p[1] - other[1]);
        const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
        this.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
        if (gap(before) > 10) this.zoomAt(middle[0], middle[1], gap(now) / gap(before));
        moved = 100;
      } else {
        moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
        if (moved > 4) this.pan(now[0] - before[0], now[1] - before[1]);
      }
      pointers.set(e.pointerId, now);
    });
    const release = (e: PointerEvent) => {
      if (!pointers.delete(e.pointerId) || e.type === "pointercancel" || moved > 4) return;
      const id = this.nearest(...local(e), e.pointerType === "mouse" ? 10 : 20);
      if (id >= 0) this.onPick(id);
    };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => this.hover(-1));
    canvas.addEventListener("dblclick", (e) => this.zoomAt(...local(e), 2));
    canvas.addEventListener("wheel", (e) => {
      e.preventDefault();
      const lines = e.deltaMode === 1 ? 20 : 1;
      this.zoomAt(...local(e), Math.exp(-Math.max(-200, Math.min(200, e.deltaY * lines)) / 300));
    }, { passive: false });
    this.element.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      const step = 60;
      const moves: Record<string, () => void> = {
        ArrowLeft: () => this.pan(step, 0), ArrowRight: () => this.pan(-step, 0),
        ArrowUp: () => this.pan(0, step), ArrowDown: () => this.pan(0, -step),
        "+": () => this.zoom(1.4), "=": () => this.zoom(1.4), "-": () => this.zoom(1 / 1.4), "0": () => this.goHome(),
      };
      if (moves[e.key]) {
        e.preventDefault();
        moves[e.key]();
      }
    });
  }
}

/** short returns a word as a name on the map shows it. */
function short(word: string): string {
  return word.length > 28 ? word.slice(0, 27) + "…" : word;
}
