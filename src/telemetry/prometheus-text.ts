/** Lines of the text format of Prometheus (0.0.4). */
import { limits } from '../limits.ts'

/** The two lines that introduce a metric. */
export function introduction(
  { name, help }: { readonly name: string; readonly help: string },
  type: 'counter' | 'gauge' | 'histogram',
): string {
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`
}

/** One value under its labels, which are written already. */
export function line(name: string, labels: readonly string[], value: number): string {
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${value}\n`
}

/** Labels with their values. */
export function labelTexts(names: readonly string[], values: readonly string[]): string[] {
  return names.map((name, i) => `${name}="${escaped(values[i] ?? '')}"`)
}

/** A label's value, cut to `limits.labelLengthMax`. */
export function bounded(value: string): string {
  return value.length > limits.labelLengthMax ? value.slice(0, limits.labelLengthMax) : value
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}
