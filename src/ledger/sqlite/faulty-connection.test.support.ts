import type { Connection } from './connection.ts'

/** Called instead of each run of a statement; `run` does what the statement says. */
export type StatementHook = (sql: string, run: () => unknown, inputs: readonly unknown[]) => unknown

/** A connection whose statements pass through a hook, by which they can fail. */
export function hookedConnection(connection: Connection, hook: StatementHook): Connection {
  return {
    exec: (sql) => connection.exec(sql),
    close: () => connection.close(),
    get isTransaction() {
      return connection.isTransaction
    },
    prepare: (sql) =>
      new Proxy(connection.prepare(sql), {
        get: (statement, name) => {
          const member: unknown = Reflect.get(statement, name)
          if (typeof member !== 'function') return member
          if (name !== 'run') return member.bind(statement) as unknown
          return (...inputs: unknown[]) =>
            hook(sql, () => Reflect.apply(member, statement, inputs) as unknown, inputs)
        },
      }),
  }
}

/** An error as the driver throws it. */
export function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`injected error ${errcode}`), {
    code: 'ERR_SQLITE_ERROR',
    errcode,
    errstr: 'injected',
  })
}
