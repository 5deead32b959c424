/**
 * The context of a saga (Minos saga: `SagaContext`): a record that callbacks read and write by
 * attribute or as a mapping.
 *
 * 1. Any name can be that of a field, also `fields`, `_private` and `__proto__`. A field that has the
 *    name of a method is reached with `get`: read as an attribute it is the method. (So a spread of
 *    such a context holds the method, which no later context takes; spread its `toRecord()`.)
 * 2. A value is checked and copied when it is stored, whichever way that happens. What is changed
 *    within it afterwards is checked when the context is copied or serialised.
 * 3. What looks at a context sees its fields and nothing else: a spread, `Object.keys`, `in`,
 *    `JSON.stringify`. To everybody but `instanceof` it is a plain record; so it is no iterable, and
 *    `entries`, `keys` and `values` are there to be iterated.
 * 4. A field that is `undefined` is a field that is not there.
 */
import { codedError, type CodedError } from '../../errors.ts'
import { copyValue } from '../../wire/values/copy-value.ts'
import { decodeValue } from '../../wire/values/decode-value.ts'
import { encodeValue } from '../../wire/values/encode-value.ts'
import { type Fields, isPlainRecord } from '../../wire/values/plain-data.ts'
import { sameValue } from '../../wire/values/same-value.ts'

/** Asks a context for the record behind it. */
const RECORD: unique symbol = Symbol('record')

/** The name of a field; of a union, of any of its parts. */
export type FieldOf<T> = T extends unknown ? Extract<keyof T, string> : never

/** What is under a name; of a union, in any of its parts. */
export type ValueOf<T, K> = T extends unknown ? (K extends keyof T ? T[K] : undefined) : never

/**
 * What every context can do. A field may have any name: those that the type does not know are
 * `unknown`. Contexts are made by {@link SagaContext}.
 */
export class SagaContextMembers<T extends object> {
  constructor(values?: T) {
    const record = values === undefined ? {} : copyOfFields(values)
    // A constructor may return another object; this one has the fields, and the members of this.
    return new Proxy(record, handler) as unknown as SagaContextMembers<T>
  }

  /** The context in bytes that `serialize` made. @throws CodedError `VALUE_UNREADABLE` */
  static deserialize(bytes: Uint8Array): SagaContextMembers<Fields> {
    const value = decodeValue(bytes)
    if (typeof value === 'object' && value !== null && isPlainRecord(value)) {
      return new SagaContextMembers(value)
    }
    throw codedError('VALUE_UNREADABLE', { details: { cause: 'no record of fields' } })
  }

  /** To everybody else a context is a plain record; only this tells it from one. */
  static [Symbol.hasInstance](value: unknown): value is SagaContextMembers<Fields> {
    return typeof value === 'object' && value !== null && Reflect.get(value, RECORD) !== undefined
  }

  /** The value of a field; without it `otherwise`, which is `undefined` unless it is given. */
  get<K extends FieldOf<T>>(key: K): ValueOf<T, K>
  get<K extends FieldOf<T>, D>(key: K, otherwise: D): Exclude<ValueOf<T, K>, undefined> | D
  get(key: string, otherwise?: unknown): unknown
  get(key: string, otherwise?: unknown): unknown {
    const record = recordBehind(this)
    return Object.hasOwn(record, key) ? record[key] : otherwise
  }

  /**
   * Stores a field; `undefined` removes it.
   *
   * @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`
   */
  set<K extends FieldOf<T>>(key: K, value: ValueOf<T, K>): this
  set<K extends string>(key: K extends FieldOf<T> ? never : K, value: unknown): this
  set(key: string, value: unknown): this {
    store(recordBehind(this), key, value)
    return this
  }

  /** Whether there is such a field. */
  has(key: string): boolean {
    return Object.hasOwn(recordBehind(this), key)
  }

  /** Removes a field; false when there was none. */
  delete(key: string): boolean {
    return this.has(key) && Reflect.deleteProperty(recordBehind(this), key)
  }

  /** The names of the fields, in the order in which they came. */
  keys(): ArrayIterator<string> {
    return Object.keys(recordBehind(this)).values()
  }

  /** The values, in the same order. */
  values(): ArrayIterator<unknown> {
    return Object.values(recordBehind(this)).values()
  }

  /** Names with values, in the same order (Minos saga: `items`). */
  entries(): ArrayIterator<[string, unknown]> {
    return Object.entries(recordBehind(this)).values()
  }

  /**
   * Stores many fields: all of them, or none.
   *
   * @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`
   */
  update(values: Partial<T> | Readonly<Record<string, unknown>>): this {
    const copy = copyOfFields(values)
    const record = recordBehind(this)
    for (const [key, value] of Object.entries(copy)) define(record, key, value)
    for (const key of Object.keys(values)) {
      if (!Object.hasOwn(copy, key)) Reflect.deleteProperty(record, key)
    }
    return this
  }

  /** Removes a field and gives its value; without it `otherwise`. */
  pop(key: string, otherwise?: unknown): unknown {
    if (!this.has(key)) return otherwise
    const value = this.get(key)
    this.delete(key)
    return value
  }

  /**
   * The value of a field; without it, stores one first (Minos saga: `setdefault`).
   *
   * @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`
   */
  setDefault(key: string, value: unknown): unknown {
    const record = recordBehind(this)
    if (!Object.hasOwn(record, key)) store(record, key, value)
    return record[key]
  }

  /** Removes all fields. */
  clear(): void {
    const record = recordBehind(this)
    for (const key of Object.keys(record)) Reflect.deleteProperty(record, key)
  }

  /** Another context with a copy of each value. @throws CodedError `VALUE_NOT_STORABLE` */
  clone(): SagaContext<T> {
    return new SagaContext<T>(recordBehind(this) as T)
  }

  /** The fields as a plain record, with a copy of each value. @throws CodedError `VALUE_NOT_STORABLE` */
  toRecord(): T {
    // The fields are what the type says they are, unless somebody stored others under their names.
    return copyValue(recordBehind(this)) as T
  }

  /** True for another context with the same fields and equal values, in whatever order. */
  equals(other: unknown): boolean {
    return other instanceof SagaContextMembers && sameValue(recordBehind(this), recordBehind(other))
  }

  /** The fields as bytes. @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE` */
  serialize(): Uint8Array {
    return encodeValue(recordBehind(this))
  }
}

/** A context whose fields are those of `T`; a field of a method's name is reached with `get`. */
export type SagaContext<T extends object = Fields> = FieldsOf<T> &
  SagaContextMethods<T> &
  (string extends FieldOf<T>
    ? SagaContextSize
    : 'size' extends FieldOf<T>
      ? unknown
      : SagaContextSize)

/**
 * The methods of a context. They are those of a class, so that the type of a spread has no methods;
 * the type is that of an interface, so that linters do not take a context for an instance of a class.
 */
export interface SagaContextMethods<T extends object> extends SagaContextMembers<T> {}

/** Contexts know their size, unless they have a field of that name. */
export interface SagaContextSize extends Sized {}

/** A class for the same reason as above; there is none when the program runs. */
declare class Sized {
  /** How many fields there are. */
  get size(): number
}

type FieldsOf<T extends object> = T extends unknown
  ? Extract<keyof T, keyof SagaContextMembers<T>> extends never
    ? T
    : Omit<T, keyof SagaContextMembers<T>>
  : never

/** Makes contexts. */
export interface SagaContextConstructor {
  /**
   * A context with a copy of each value.
   *
   * @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`
   */
  new <T extends object = Fields>(values?: T): SagaContext<T>
  /** The context in bytes that `serialize` made. @throws CodedError `VALUE_UNREADABLE` */
  deserialize<T extends object = Fields>(bytes: Uint8Array): SagaContext<T>
  [Symbol.hasInstance](value: unknown): value is SagaContext
}

/** See {@link SagaContextMembers} for what contexts can do. */
export const SagaContext: SagaContextConstructor =
  // What the constructor returns has the fields of T, which a class cannot say.
  SagaContextMembers as unknown as SagaContextConstructor

/** A new record of copies, from another context, or from any object with fields. */
function copyOfFields(values: object): Fields {
  if (values instanceof SagaContextMembers) return copyValue(recordBehind(values))
  return copyValue(isPlainRecord(values) ? values : { ...values })
}

function recordBehind(context: object): Fields {
  // Every context is a proxy that answers to this name with its record.
  return (context as { readonly [RECORD]: Fields })[RECORD]
}

function store(record: Fields, key: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(record, key)
  else define(record, key, copyOf(value, key))
}

/** A copy of one value; what is wrong with it is said with the name of its field. */
function copyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') {
    return value
  }
  return copyValue({ [key]: value })[key]
}

function define(record: Fields, key: string, value: unknown): void {
  // The name of a member may stand for a setter that all objects have.
  if (MEMBERS.has(key)) {
    const descriptor = { value, writable: true, enumerable: true, configurable: true }
    Object.defineProperty(record, key, descriptor)
  } else record[key] = value
}

/** What answers to attributes before fields do: the members, and what all objects have. */
const MEMBERS: ReadonlySet<unknown> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Reflect.ownKeys(SagaContextMembers.prototype),
])

const handler: ProxyHandler<Fields> = {
  get(record, key): unknown {
    if (MEMBERS.has(key)) return Reflect.get(SagaContextMembers.prototype, key)
    if (key === RECORD) return record
    if (key === 'size' && !Object.hasOwn(record, key)) return Object.keys(record).length
    return Reflect.get(record, key)
  },
  set(record, key, value): boolean {
    if (typeof key === 'symbol') throw notAField(key)
    store(record, key, value)
    return true
  },
  has(record, key): boolean {
    return Object.hasOwn(record, key)
  },
  defineProperty(record, key, descriptor): boolean {
    if (typeof key === 'symbol') throw notAField(key)
    if (!('value' in descriptor)) return false
    store(record, key, descriptor.value)
    return true
  },
  preventExtensions: () => false,
  setPrototypeOf: () => false,
}

function notAField(key: symbol): CodedError {
  return codedError('VALUE_NOT_STORABLE', { details: { path: `[${String(key)}]`, type: 'symbol' } })
}
