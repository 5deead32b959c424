/** Where a served coordinator listens: what its addresses mean, and the sockets that clients look for. */
import { chmodSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { codeOf, codedError } from '../../errors.ts'
import { socketPathOf } from '../../host/bind-address.ts'

/** Where a coordinator listens when nothing says otherwise. */
export const DEFAULT_LISTEN = '127.0.0.1:1310'

/** The socket of a coordinator in its folder. */
export const SOCKET_NAME = 'coordinator.sock'

/** An address as servers take it: a path becomes `unix:` and the path. */
export function listenAddress(text: string): string {
  return text.startsWith('/') || text.startsWith('./') ? `unix:${text}` : text
}

/** Whether only programs of this machine can reach it. */
export function isLocalAddress(address: string): boolean {
  if (socketPathOf(address) !== undefined) return true
  const host = address.slice(0, address.lastIndexOf(':'))
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Makes the folder of a socket, for its owner only, and removes the file that a coordinator left
 * which is no more.
 *
 * @throws CodedError `UDS_DIRECTORY_CREATE_FAILED`; `UDS_BIND_FAILED` when somebody listens there
 */
export async function prepareSocket(address: string): Promise<void> {
  const path = socketPathOf(address)
  if (path === undefined) return
  const folder = dirname(path)
  try {
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      chmodSync(folder, 0o700)
    }
  } catch (cause) {
    throw codedError('UDS_DIRECTORY_CREATE_FAILED', { details: { path: folder }, cause })
  }
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket() || (await answers(path))) {
    const hint = 'Somebody listens there, or the file is no socket: choose another path.'
    throw codedError('UDS_BIND_FAILED', { details: { address }, hint })
  }
  rmSync(path, { force: true })
}

/**
 * Puts the names under which clients look for domains (`ch-<domain>.sock`) beside a socket.
 *
 * @throws CodedError `UDS_BIND_FAILED` when a name is taken by something else
 */
export function nameSockets(address: string, domains: readonly string[]): readonly string[] {
  const path = socketPathOf(address)
  if (path === undefined) return []
  return domains.map((domain) => {
    const name = join(dirname(path), `ch-${domain}.sock`)
    if (linksTo(name) === basename(path)) return name
    try {
      if (linksTo(name) !== undefined) rmSync(name, { force: true })
      symlinkSync(basename(path), name)
    } catch (cause) {
      throw codedError('UDS_BIND_FAILED', {
        details: { address: name, cause: codeOf(cause) },
        cause,
      })
    }
    return name
  })
}

/** Removes names that lead to a socket; never fails. */
export function removeNames(names: readonly string[]): void {
  for (const name of names) {
    try {
      rmSync(name, { force: true })
    } catch {
      // It is somebody else's by now.
    }
  }
}

function linksTo(name: string): string | undefined {
  try {
    return readlinkSync(name)
  } catch {
    return undefined
  }
}

async function answers(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path)
    const done = (heard: boolean) => () => {
      socket.destroy()
      resolve(heard)
    }
    socket.once('connect', done(true)).once('error', done(false))
  })
}
