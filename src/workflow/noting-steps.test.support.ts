/** Operations and undos that note when they run. */

/** What flows from step to step. */
export type Data = { readonly value: number; readonly done: readonly string[] }
/** What a run begins with. */
export const start: Data = { value: 42, done: [] }

/** Operations and undos that note when they run. */
export function noting(): {
  readonly calls: string[]
  readonly step: (name: string) => (data: Data) => Promise<Data>
  readonly undo: (name: string) => (data: Data) => Promise<void>
  readonly failing: (name: string, error: unknown) => (data: Data) => Promise<Data>
} {
  const calls: string[] = []
  return {
    calls,
    step: (name) => async (data) => {
      calls.push(name)
      return { ...data, done: [...data.done, name] }
    },
    undo: (name) => async () => void calls.push(`undo ${name}`),
    failing: (name, error) => async () => {
      calls.push(name)
      throw error
    },
  }
}
