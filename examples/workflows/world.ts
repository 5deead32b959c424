/** The services that the examples call: they note what they did, and one of them can be down. */

/** Services in memory. */
export type World = {
  /** What was done and undone, in order. */
  readonly story: readonly string[]
  /** What is there: created and not deleted, charged and not refunded. */
  readonly effects: ReadonlySet<string>
  /** Does something; the service that is down throws. Gives an id. */
  create(service: string): Promise<string>
  /** Undoes it; safe to be called again. */
  remove(id: string): Promise<void>
  /** Writes into the audit log. */
  note(event: string): Promise<void>
}

/** A world in which one service is down, or none. */
export function newWorld(down?: string): World {
  const story: string[] = []
  const effects = new Set<string>()
  return {
    story,
    effects,
    create: async (service) => {
      if (service === down) throw new Error(`${service} is down`)
      const id = `${service}-1`
      effects.add(id)
      story.push(`did ${service}`)
      return id
    },
    remove: async (id) => {
      if (effects.delete(id)) story.push(`undid ${id}`)
    },
    note: async (event) => {
      story.push(`noted ${event}`)
    },
  }
}
