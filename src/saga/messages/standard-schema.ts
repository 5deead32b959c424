/**
 * Schemas of any library that speaks Standard Schema, version 1: valibot, zod, arktype and others.
 * Written down here as far as it is needed, so that no library is.
 */

/** A schema of any library: what it takes in is an `Input`, what it lets through an `Output`. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    /** Only for types. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What validation gives: a value, or what is wrong. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong, and where. */
export type StandardIssue = {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Whether a value is a schema of some library. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && '~standard' in value
}

/** What is wrong, as one text: `amount: must be a number; currency: is missing`. */
export function issuesText(issues: readonly StandardIssue[]): string {
  return issues.map((issue) => `${pathText(issue)}${issue.message}`).join('; ')
}

function pathText({ path }: StandardIssue): string {
  if (path === undefined || path.length === 0) return ''
  const keys = path.map((key) => String(typeof key === 'object' ? key.key : key))
  return `${keys.join('.')}: `
}
