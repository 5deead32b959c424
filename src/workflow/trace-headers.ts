/** The W3C header `baggage`, written and read. */

/** `key=value` pairs joined by commas, values percent-encoded. */
export function baggageHeader(baggage: Readonly<Record<string, string>>): string {
  return Object.entries(baggage)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join(',')
}

/** The pairs of a `baggage` header; properties of values and what cannot be read are left out. */
export function parseBaggage(header: string): Record<string, string> {
  const baggage: Record<string, string> = {}
  for (const member of header.split(',')) {
    const [pair = ''] = member.split(';')
    const at = pair.indexOf('=')
    if (at <= 0) continue
    const key = decoded(pair.slice(0, at).trim())
    const value = decoded(pair.slice(at + 1).trim())
    if (key !== undefined && value !== undefined) baggage[key] = value
  }
  return baggage
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
