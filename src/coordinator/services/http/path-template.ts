/** Path templates of `google.api.http`: literal segments, and `{field.path}` for one segment. Pure. */
import { codedError } from '../../../errors.ts'

/** A part of a template between two slashes. */
type Segment = { readonly literal: string } | { readonly field: readonly string[] }

/** A template. */
export type PathTemplate = {
  readonly text: string
  readonly segments: readonly Segment[]
  /** How many segments are literal: where two templates match, the one with more goes first. */
  readonly literals: number
}

/** What a path says of a field of the request. */
export type PathVariable = { readonly field: readonly string[]; readonly text: string }

/** @throws CodedError `CONFIGURATION_INVALID` for wildcards, verbs and patterns */
export function pathTemplate(text: string): PathTemplate {
  const segments = text.slice(1).split('/').map(segmentOf)
  if (!text.startsWith('/') || segments.includes(undefined)) {
    const hint = 'A route is made of names and {field.path}, with nothing more to it.'
    throw codedError('CONFIGURATION_INVALID', { details: { route: text }, hint })
  }
  const known = segments.filter((segment) => segment !== undefined)
  return { text, segments: known, literals: known.filter((one) => 'literal' in one).length }
}

function segmentOf(text: string): Segment | undefined {
  if (/^[\w.~-]+$/.test(text)) return { literal: text }
  const field = /^\{(?<field>\w+(?:\.\w+)*)\}$/.exec(text)?.groups?.['field']
  return field === undefined ? undefined : { field: field.split('.') }
}

/** What the segments of a path say; `undefined` when the template is that of other paths. */
export function matchPath(
  { segments }: PathTemplate,
  path: readonly string[],
): readonly PathVariable[] | undefined {
  if (segments.length !== path.length) return undefined
  const variables: PathVariable[] = []
  for (const [at, segment] of segments.entries()) {
    const text = path[at] ?? ''
    if ('field' in segment) {
      if (text === '') return undefined
      variables.push({ field: segment.field, text })
    } else if (segment.literal !== text) {
      return undefined
    }
  }
  return variables
}
