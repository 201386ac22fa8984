/** 431080 → `431,080`, the same in every locale. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A loss or metric with four decimals; small and large values as powers of ten. */
export function formatScalar(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 10_000) ? value.toExponential(2) : value.toFixed(4);
}

/** Seconds as a person reads them: `0.4 s`, `41 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "? s";
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `1,180 samples/s`; slow models keep a decimal. */
export function formatRate(samplesPerSecond: number): string {
  if (!Number.isFinite(samplesPerSecond)) return "? samples/s";
  return `${samplesPerSecond < 10 ? samplesPerSecond.toFixed(1) : formatCount(samplesPerSecond)} samples/s`;
}

/** `1 epoch`, `10 epochs`; `3 batches` where the plural is given. */
export function formatNumberOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** `512 B`, `1.5 kB`, `27 MB`: powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let [value, unit] = [bytes, 0];
  // 999.5 of a unit would be written 1000.
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A learning rate with three digits that say something: `0.01`, `0.00975`, `1.25e-7`. */
export function formatLearningRate(rate: number): string {
  return String(Number(rate.toPrecision(3)));
}

/** `top_5` → `top 5`. */
export function formatMetricName(name: string): string {
  return name.replaceAll("_", " ");
}
