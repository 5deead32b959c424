/**
 * The configuration file of `amends serve`: JSON. Beside the settings it says which components there
 * are, and who may call. Everything in it is checked, and an unknown name is an error: a typing
 * mistake must not leave a server open or a component unserved.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { codedError, messageOf } from '../errors.ts'
import type { Environment } from '../client/endpoint.ts'
import type { ApiKey } from '../host/api-keys.ts'
import { ROLES } from '../coordinator/services/plan-access.ts'
import type { RemoteComponent } from '../coordinator/services/remote/remote-component.ts'
import { SETTINGS } from './serve-settings.ts'

/** A component as it is declared; one without an address dials in. */
export type DeclaredComponent = {
  readonly component: RemoteComponent
  readonly address: string | undefined
}

/** What a file says. */
export type ServeConfig = {
  /** Where it was read, as it was named; '' without a file. */
  readonly path: string
  /** Paths in it are meant from here. */
  readonly folder: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly components: readonly DeclaredComponent[]
  /** Modules whose `components` run in this process. */
  readonly modules: readonly string[]
  readonly keys: readonly ApiKey[]
}

/** The configuration without a file. */
export const NO_CONFIG: ServeConfig = {
  path: '',
  folder: '.',
  settings: {},
  components: [],
  modules: [],
  keys: [],
}

/**
 * Reads a file.
 *
 * @throws CodedError `CONFIGURATION_INVALID` for a file that cannot be read, and for what is wrong in
 *   it, with the place
 */
export function readServeConfig(path: string, environment: Environment): ServeConfig {
  const content = new Place(path, 'the file', parsed(path))
  const { components, modules, keys, ...settings } = content.object([
    ...Object.keys(SETTINGS),
    'components',
    'modules',
    'keys',
  ])
  return {
    path,
    folder: dirname(resolve(path)),
    settings,
    components: content.at('components', components).list().map(componentIn),
    modules: content.at('modules', modules).texts(),
    keys: content
      .at('keys', keys)
      .list()
      .map((place) => keyIn(place, environment)),
  }
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const details = { file: path, cause: messageOf(cause) }
    const hint = 'The configuration is one JSON object.'
    throw codedError('CONFIGURATION_INVALID', { details, hint, cause })
  }
}

const SHARED = ['kind', 'address', 'timeoutMs', 'waitMs']

function componentIn(place: Place): DeclaredComponent {
  const { kind } = place.object()
  const read = place.reader([...SHARED, ...fieldsOf(kind, place)])
  const address = read.optionalText('address')
  const calls = { timeoutMs: read.number('timeoutMs'), waitMs: read.number('waitMs') }
  const types = read.optionalTexts('types')
  switch (kind) {
    case 'aggregate':
      return {
        address,
        component: {
          kind: 'command_handler',
          domain: read.text('domain'),
          pagesPerFold: read.number('pagesPerFold'),
          ...calls,
        },
      }
    case 'saga': {
      const [name, source, target] = [read.text('name'), read.text('source'), read.text('target')]
      return { address, component: { kind, name, source, target, types, ...calls } }
    }
    case 'process_manager': {
      const [name, pmDomain] = [read.text('name'), read.text('domain')]
      const [sources, targets] = [read.texts('sources'), read.texts('targets')]
      return { address, component: { kind, name, pmDomain, sources, targets, types, ...calls } }
    }
    case 'upcaster': {
      const [name, domain] = [read.text('name'), read.text('domain')]
      return { address, component: { kind, name, domain, types, ...calls } }
    }
    default: {
      const [name, domains] = [read.text('name'), read.texts('domains')]
      const editions = read.optionalTexts('editions')
      return { address, component: { kind: 'projector', name, domains, editions, types, ...calls } }
    }
  }
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  aggregate: ['domain', 'pagesPerFold'],
  saga: ['name', 'source', 'target', 'types'],
  process_manager: ['name', 'domain', 'sources', 'targets', 'types'],
  projector: ['name', 'domains', 'editions', 'types'],
  upcaster: ['name', 'domain', 'types'],
}

function fieldsOf(kind: unknown, place: Place): readonly string[] {
  const fields = typeof kind === 'string' && Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined
  return fields ?? place.fail(`kind is one of ${Object.keys(FIELDS).join(', ')}`)
}

function keyIn(place: Place, environment: Environment): ApiKey {
  const read = place.reader(['name', 'roles', 'key', 'sha256', 'variable'])
  const name = read.text('name')
  const roles = read.texts('roles')
  const known: readonly string[] = ROLES
  if (roles.some((role) => !known.includes(role))) place.fail(`roles are ${known.join(', ')}`)
  const [key, digest, variable] = [
    read.optionalText('key'),
    read.optionalText('sha256'),
    read.optionalText('variable'),
  ]
  if (digest !== undefined) return { name, roles, sha256: digest }
  const value = key ?? (variable === undefined ? undefined : environment[variable])
  if (value !== undefined && value !== '') return { name, roles, key: value }
  return place.fail('a key has one of key, sha256, or variable, which names what is set')
}

/** A value of the file and where it stands. */
class Place {
  readonly #file: string
  readonly #path: string
  readonly #value: unknown

  constructor(file: string, path: string, value: unknown) {
    this.#file = file
    this.#path = path
    this.#value = value
  }

  at(name: string, value: unknown): Place {
    return new Place(this.#file, name, value)
  }

  /** @throws CodedError `CONFIGURATION_INVALID` for another kind of value, or an unknown name */
  object(names?: readonly string[]): Readonly<Record<string, unknown>> {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) {
      return this.fail('it is an object')
    }
    const all = Object.entries(this.#value)
    const unknown = all.find(([name]) => names !== undefined && !names.includes(name))
    if (unknown !== undefined) this.fail(`nobody knows ${unknown[0]}`)
    return Object.fromEntries(all)
  }

  list(): readonly Place[] {
    if (this.#value === undefined) return []
    if (!Array.isArray(this.#value)) return this.fail('it is a list')
    return this.#value.map(
      (value: unknown, at) => new Place(this.#file, `${this.#path}[${at}]`, value),
    )
  }

  texts(): readonly string[] {
    return this.list().map((place) => place.#text())
  }

  #text(): string {
    const value = this.#value
    return typeof value === 'string' && value !== '' ? value : this.fail('it is a text')
  }

  reader(names: readonly string[]): Reader {
    const values = this.object(names)
    const place = (name: string): Place =>
      new Place(this.#file, `${this.#path}.${name}`, values[name])
    return {
      text: (name) => place(name).#text(),
      optionalText: (name) => (values[name] === undefined ? undefined : place(name).#text()),
      texts: (name) => {
        const texts = place(name).texts()
        return texts.length > 0 ? texts : place(name).fail('it names at least one')
      },
      optionalTexts: (name) => (values[name] === undefined ? undefined : place(name).texts()),
      number: (name) => {
        const value = values[name]
        if (value === undefined) return undefined
        if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value
        return place(name).fail('it is a whole number, 1 or more')
      },
    }
  }

  fail(hint: string): never {
    const details = { file: this.#file, place: this.#path }
    throw codedError('CONFIGURATION_INVALID', { details, hint: `${this.#path}: ${hint}.` })
  }
}

type Reader = {
  text(name: string): string
  optionalText(name: string): string | undefined
  texts(name: string): readonly string[]
  optionalTexts(name: string): readonly string[] | undefined
  number(name: string): number | undefined
}
