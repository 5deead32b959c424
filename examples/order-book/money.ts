/**
 * Money is whole cents in a bigint. Prices and discounts come as decimal numbers; they are turned
 * into scaled whole numbers by their decimal text, so nothing is lost on the way.
 */

/** A decimal number as a whole number of 10^-places; `undefined` when it does not fit. */
export function scaled(value: number, places: number): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(String(value))
  const fraction = match?.[2] ?? ''
  if (match === null || fraction.length > places) return undefined
  return BigInt(`${match[1]}${fraction.padEnd(places, '0')}`)
}

/** Price times quantity less the discount (in hundredths of a percent), rounded half up. */
export function lineCents(line: {
  readonly priceCents: bigint
  readonly quantity: number
  readonly discountBasisPoints: bigint
}): bigint {
  const full = line.priceCents * BigInt(line.quantity) * (10_000n - line.discountBasisPoints)
  return (full + 5_000n) / 10_000n
}

/** Cents for people: `1,504.65`. */
export function formatCents(cents: bigint): string {
  const sign = cents < 0n ? '-' : ''
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  const whole = digits.slice(0, -2).replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}${whole}.${digits.slice(-2)}`
}
