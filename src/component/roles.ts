/**
 * Remembers which method has which role, and finds the roles of a class again.
 *
 * 1. A role is kept by the method's function and looked up through the prototype chain; a method
 *    of a subclass hides the one of its base, role included.
 * 2. It is kept by class and name as well, so that a further decorator may replace the function.
 *    A class's decorators tell us neither the class nor its prototype, but all of them are
 *    evaluated before any is applied: an evaluation after an application begins a new class.
 * 3. `Symbol.metadata` is not used: some compilers leave it undefined.
 */
import type { Entry } from './definition.ts'
import { declarationError } from './errors.ts'

/** What a method is for, and which messages: an entry before it can be called. */
export type Role = WithoutCall<Entry>
type WithoutCall<E> = E extends Entry ? Omit<E, 'name' | 'call'> : never

/** Any class. */
export type AnyClass = abstract new (...args: never[]) => object

/** The roles of one class's own methods. */
type MethodGroup = { readonly roles: Map<PropertyKey, Role> }

const groupOfFunction = new WeakMap<object, MethodGroup>()
const groupOfPrototype = new WeakMap<object, MethodGroup>()
/** Groups of classes that are no components themselves, until their prototype is met. */
const homeless = new Set<MethodGroup>()

let phase = 0
let applied = false
let open: MethodGroup | undefined

/** To be called when a decorator is evaluated; the answer is passed to {@link recordRole}. */
export function beginEvaluation(): number {
  if (applied) {
    phase++
    applied = false
    open = undefined
  }
  return phase
}

/**
 * Gives a method its role.
 *
 * @throws CodedError `DECORATOR_ROLE_TAKEN`
 */
export function recordRole(
  method: object,
  name: PropertyKey,
  role: Role,
  evaluated: number | undefined,
): void {
  applied = true
  const sameClass = evaluated === phase && open?.roles.has(name) === true
  if (sameClass || groupOfFunction.has(method))
    throw declarationError('DECORATOR_ROLE_TAKEN', { field: String(name) })
  // A decorator that was evaluated elsewhere and used in two classes.
  if (open === undefined || open.roles.has(name)) {
    open = { roles: new Map() }
    homeless.add(open)
  }
  open.roles.set(name, role)
  groupOfFunction.set(method, open)
}

/** To be called when a class is decorated: the methods decorated just before are its own. */
export function endClass(cls: AnyClass): void {
  const prototype = prototypeOf(cls)
  applied = true
  if (
    open !== undefined &&
    [...open.roles.keys()].every((name) => Object.hasOwn(prototype, name))
  ) {
    settle(open, prototype)
  }
  open = undefined
}

/**
 * The roles of a class by method name: in the order of declaration, the base class first.
 */
export function rolesOf(cls: AnyClass): ReadonlyMap<string, Role> {
  const found = new Map<string, Role>()
  for (const prototype of prototypeChain(cls)) {
    const group = groupOf(prototype)
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name === 'constructor') continue
      found.delete(name)
      const role = group?.roles.get(name)
      if (role !== undefined) found.set(name, role)
    }
  }
  return found
}

/** A class and its bases, the root first. */
export function classChain(cls: AnyClass): readonly object[] {
  return chainOf(cls, Function.prototype)
}

function prototypeChain(cls: AnyClass): readonly object[] {
  return chainOf(prototypeOf(cls), Object.prototype)
}

function chainOf(start: object, end: object): readonly object[] {
  const chain: object[] = []
  let link: object | null = start
  while (link !== null && link !== end) {
    chain.unshift(link)
    link = Reflect.getPrototypeOf(link)
  }
  return chain
}

function prototypeOf(cls: AnyClass): object {
  return cls.prototype as object // declared as `any` by the language's own types
}

function groupOf(prototype: object): MethodGroup | undefined {
  const known = groupOfPrototype.get(prototype) ?? groupByFunction(prototype) ?? adopt(prototype)
  if (known !== undefined) settle(known, prototype)
  return known
}

function groupByFunction(prototype: object): MethodGroup | undefined {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value
    const group = typeof method === 'function' ? groupOfFunction.get(method) : undefined
    if (group?.roles.has(name) === true) return group
  }
  return undefined
}

/** The group without a class whose methods this prototype has, every one replaced. */
function adopt(prototype: object): MethodGroup | undefined {
  for (const group of homeless) {
    if ([...group.roles.keys()].every((name) => isReplaced(prototype, name))) return group
  }
  return undefined
}

/** A method as it was written bears its own name; what a decorator put in its place does not. */
function isReplaced(prototype: object, name: PropertyKey): boolean {
  const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value
  return typeof method === 'function' && method.name !== name
}

function settle(group: MethodGroup, prototype: object): void {
  groupOfPrototype.set(prototype, group)
  homeless.delete(group)
}
