/**
 * The definitions that a process knows: several versions of one name, told apart by their
 * fingerprints. New executions start with the one that was given last.
 *
 * 1. A definition brings those that its steps run along. One that is given counts before one that is
 *    brought along.
 */
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { EXECUTABLE, type Executable } from '../../machine/bindings.ts'
import { fingerprintOf } from '../../machine/fingerprint.ts'

/** A definition that this process can run. */
export type KnownDefinition = {
  readonly name: string
  readonly fingerprint: string
  readonly executable: Executable
}

/** See the top of this file. */
export class Executables {
  readonly #byName = new Map<string, KnownDefinition[]>()
  readonly #broughtAlong = new Map<string, KnownDefinition[]>()
  readonly #byRunnable = new WeakMap<object, KnownDefinition>()

  /**
   * Adds a definition.
   *
   * @throws CodedError `SAGA_DEFINITION_INVALID` for what is none, or has no name;
   * `SAGA_DEFINITION_DUPLICATE` when the same version of the name is there already
   */
  add(runnable: unknown): KnownDefinition {
    const executable = executableOf(runnable)
    const { name } = executable.definition
    checkName(name)
    const fingerprint = fingerprintOf(executable.definition)
    const versions = this.#byName.get(name) ?? []
    if (versions.some((known) => known.fingerprint === fingerprint)) {
      throw codedError('SAGA_DEFINITION_DUPLICATE', {
        details: { definition: name, version: executable.definition.version },
        hint: 'Give the same definition once. Another version of it differs in its steps or its version.',
      })
    }
    const known: KnownDefinition = { name, fingerprint, executable }
    this.#byName.set(name, [...versions, known])
    if (isObject(runnable)) this.#byRunnable.set(runnable, known)
    this.#bringAlong(executable)
    return known
  }

  /** What a caller passed to run. @throws CodedError `SAGA_DEFINITION_UNKNOWN` */
  ofRunnable(runnable: unknown): KnownDefinition {
    const known = isObject(runnable) ? this.#byRunnable.get(runnable) : undefined
    if (known !== undefined) return known
    const { definition } = executableOf(runnable)
    const same = this.find(definition.name, fingerprintOf(definition))
    if (same !== undefined) return same
    throw this.#unknown(definition.name)
  }

  /** The version of a name with which new executions start. @throws CodedError `SAGA_DEFINITION_UNKNOWN` */
  newest(name: string): KnownDefinition {
    const known = this.#byName.get(name)?.at(-1) ?? this.#broughtAlong.get(name)?.at(-1)
    if (known === undefined) throw this.#unknown(name)
    return known
  }

  /** The version with a fingerprint. */
  find(name: string, fingerprint: string): KnownDefinition | undefined {
    const isIt = (known: KnownDefinition): boolean => known.fingerprint === fingerprint
    return this.#byName.get(name)?.find(isIt) ?? this.#broughtAlong.get(name)?.find(isIt)
  }

  #bringAlong({ children = [] }: Executable): void {
    for (const child of children) {
      const executable = executableOf(child)
      const { name } = executable.definition
      checkName(name)
      const fingerprint = fingerprintOf(executable.definition)
      const versions = this.#broughtAlong.get(name) ?? []
      // The last one stands for the name, however often it was brought along.
      const others = versions.filter((known) => known.fingerprint !== fingerprint)
      this.#broughtAlong.set(name, [...others, { name, fingerprint, executable }])
      this.#bringAlong(executable)
    }
  }

  #unknown(definition: string): Error {
    return codedError('SAGA_DEFINITION_UNKNOWN', {
      details: { definition, known: [...this.#byName.keys()].join(' ') },
      hint: 'Pass it to openSagaManager in `definitions`.',
    })
  }
}

function executableOf(runnable: unknown): Executable {
  if (isObject(runnable)) {
    const make: unknown = Reflect.get(runnable, EXECUTABLE)
    // What carries the symbol was made by this library.
    if (typeof make === 'function')
      return (runnable as { [EXECUTABLE]: () => Executable })[EXECUTABLE]()
  }
  throw codedError('SAGA_DEFINITION_INVALID', {
    details: { got: describe(runnable) },
    hint: 'A definition is a committed Saga, or a workflow that has a name.',
  })
}

function checkName(name: string): void {
  if (name.length > 0 && name.length <= limits.componentNameLengthMax && !name.includes('\n'))
    return
  throw codedError('SAGA_DEFINITION_INVALID', {
    details: { name },
    hint: 'A definition has a name: executions are found by it after a restart.',
  })
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return isObject(value) ? (value.constructor?.name ?? 'object') : typeof value
}
