/**
 * The five processes of the travel agency: four services and the one that books trips. A process
 * that is killed is started again; one that fails ends the agency.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { SERVICES } from './requests.ts'

/** One of the five. */
export type Role = (typeof ROLES)[number]

/** All of them; the services come first. */
export const ROLES = [...SERVICES, 'orchestrator'] as const

/** How the agency is opened. */
export type AgencyOptions = {
  /** The file that runs a role; see `main.ts`. */
  readonly program: string
  readonly url: string
  readonly folder: string
  readonly trips: number
  /** Told how many trips have ended, as the orchestrator that runs has seen. */
  readonly progress: (ended: number) => void
}

/** See the top of this file. */
export class TravelAgency implements AsyncDisposable {
  readonly #options: AgencyOptions
  readonly #running = new Map<Role, ChildProcess>()
  readonly #done = Promise.withResolvers<void>()
  #isClosing = false

  constructor(options: AgencyOptions) {
    this.#options = options
  }

  /** Starts everybody: the services first, so that their topics are known. */
  async open(): Promise<void> {
    const opening = async (): Promise<void> => {
      await Promise.all(SERVICES.map((service) => this.#start(service)))
      await this.#start('orchestrator')
    }
    await Promise.race([opening(), this.#done.promise])
  }

  /** Resolves when all trips have ended. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  /** Ends a process at once. False when it is not there just now. */
  kill(role: Role): boolean {
    return this.#running.get(role)?.kill('SIGKILL') === true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true
    const ending = [...this.#running.values()].map(async (child) => {
      const ended = once(child, 'close')
      // Everybody ends when its input does.
      child.stdin?.end()
      await ended
    })
    await Promise.all(ending)
  }

  /** Resolves when the process serves. */
  async #start(role: Role): Promise<void> {
    const { program, url, folder, trips } = this.#options
    const args = [
      program,
      '--role',
      role,
      '--url',
      url,
      '--folder',
      folder,
      '--trips',
      String(trips),
    ]
    const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin.on('error', () => undefined)
    this.#running.set(role, child)
    const serving = Promise.withResolvers<void>()
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'serving') serving.resolve()
      else this.#options.progress(Number(line.slice('ended '.length)))
    })
    child.on('close', (code) => this.#ended(role, code, serving.resolve))
    await serving.promise
  }

  #ended(role: Role, code: number | null, serving: () => void): void {
    this.#running.delete(role)
    if (role === 'orchestrator' && code === 0) this.#done.resolve()
    else if (this.#isClosing) serving()
    else if (code === null) void this.#start(role).then(serving)
    else this.#done.reject(new Error(`${role} ended with ${code}`))
  }
}
