// Moves and scales what an SVG shows: by the pointer, the wheel and keys.

const [least, most] = [0.05, 4];

/** Shows `scene`, a group in `canvas`, moved and scaled. */
export class PanZoom {
  /** Whether the last press of the pointer moved the scene, and so was no click. */
  wasDragged = false;
  #scale = 1;
  #x = 0;
  #y = 0;

  constructor(
    private readonly canvas: SVGSVGElement,
    private readonly scene: SVGGElement,
    signal: AbortSignal,
  ) {
    const options = { signal };
    let start: { x: number; y: number } | null = null;
    canvas.addEventListener(
      'pointerdown',
      ({ button, clientX, clientY }) => {
        this.wasDragged = false;
        if (button === 0) start = { x: clientX, y: clientY };
      },
      options,
    );
    canvas.addEventListener(
      'pointermove',
      (event) => {
        if (start === null) return;
        const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
        if (!this.wasDragged && Math.hypot(dx, dy) < 4) return;
        if (!this.wasDragged) canvas.setPointerCapture(event.pointerId);
        this.wasDragged = true;
        start = { x: event.clientX, y: event.clientY };
        this.#move(this.#x + dx, this.#y + dy);
      },
      options,
    );
    for (const end of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(
        end,
        () => {
          start = null;
        },
        options,
      );
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const { left, top } = canvas.getBoundingClientRect();
        this.#zoom(
          Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.0015 : 0.05)),
          event.clientX - left,
          event.clientY - top,
        );
      },
      { ...options, passive: false },
    );
    canvas.addEventListener('keydown', (event) => this.#key(event), options);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => this.#move(this.#x + 60, this.#y),
      ArrowRight: () => this.#move(this.#x - 60, this.#y),
      ArrowUp: () => this.#move(this.#x, this.#y + 60),
      ArrowDown: () => this.#move(this.#x, this.#y - 60),
      '+': () => this.by(1.25),
      '=': () => this.by(1.25),
      '-': () => this.by(0.8),
      '0': () => this.#fitted !== null && this.fit(this.#fitted),
    };
    if (actions[event.key] === undefined) return;
    event.preventDefault();
    actions[event.key]!();
  }

  #fitted: { width: number; height: number } | null = null;

  #move(x: number, y: number): void {
    this.#x = x;
    this.#y = y;
    this.scene.setAttribute('transform', `translate(${x} ${y}) scale(${this.#scale})`);
  }

  #zoom(factor: number, x: number, y: number): void {
    const scale = Math.min(most, Math.max(least, this.#scale * factor));
    const part = scale / this.#scale;
    this.#scale = scale;
    this.#move(x - (x - this.#x) * part, y - (y - this.#y) * part);
  }

  /** Scales around the middle. */
  by(factor: number): void {
    this.#zoom(factor, this.canvas.clientWidth / 2, this.canvas.clientHeight / 2);
  }

  /** Moves the scene by so much of its own. */
  shift(x: number, y: number): void {
    this.#move(this.#x + x * this.#scale, this.#y + y * this.#scale);
  }

  /** Shows all of a scene of this size, or its upper part where that would be too small to read. */
  fit({ width, height }: { width: number; height: number }): void {
    this.#fitted = { width, height };
    const { clientWidth, clientHeight } = this.canvas;
    const whole = Math.min(clientWidth / width, clientHeight / height, 1.1);
    this.#scale = Math.max(whole, Math.min(0.55, clientWidth / width));
    this.#move((clientWidth - width * this.#scale) / 2, Math.max(8, (clientHeight - height * this.#scale) / 2));
  }

  /** Moves as far as needed for a place of the scene to be seen. */
  show({ x, y }: { x: number; y: number }): void {
    const room = 60;
    const inside = (at: number, size: number) => Math.min(Math.max(at, room), size - room);
    const [left, top] = [this.#x + x * this.#scale, this.#y + y * this.#scale];
    this.#move(
      this.#x + inside(left, this.canvas.clientWidth) - left,
      this.#y + inside(top, this.canvas.clientHeight) - top,
    );
  }
}
