/**
 * The class decorators: `commandHandler`, `saga`, `processManager`, `projector`, `upcaster`. Each
 * keeps a kind and its options for the class; while the program is compiled it also checks the
 * methods. All of them throw CodedError `COMPONENT_OPTION_INVALID` for a missing option,
 * `DECORATOR_KIND_TAKEN` for a class that is a component already, itself or by its base, and
 * `DECORATOR_LEGACY` when they are not called as standard decorators.
 */
import type {
  CommandMethods,
  ProcessMethods,
  ProjectorMethods,
  SagaMethods,
  StateArgument,
  StateOf,
  UpcasterMethods,
} from './checked-methods.ts'
import {
  checkOptions,
  type CommandHandlerOptions,
  type DeclaredOptions,
  type ProcessManagerOptions,
  type ProjectorOptions,
  type SagaOptions,
  type UpcasterOptions,
} from './component-options.ts'
import { requireDecorated } from './decorator-context.ts'
import { declarationError } from './errors.ts'
import { type AnyClass, beginEvaluation, classChain, endClass } from './roles.ts'

type ClassOf<T> = abstract new (...args: never[]) => T

/** Makes a class an aggregate of a domain (Angzarr client: `command_handler`). */
export function commandHandler<const S extends StateArgument>(
  options: CommandHandlerOptions<S>,
): <T extends object>(
  cls: ClassOf<T & CommandMethods<T, StateOf<S>>>,
  context: ClassDecoratorContext,
) => void {
  return classDecorator({ kind: 'command_handler', options })
}

/** Makes a class a saga, which turns events of one domain into commands (Angzarr client: `saga`). */
export function saga(
  options: SagaOptions,
): <T extends object>(cls: ClassOf<T & SagaMethods<T>>, context: ClassDecoratorContext) => void {
  return classDecorator({ kind: 'saga', options })
}

/**
 * Makes a class a process manager, which follows several domains with a state of its own per
 * correlation id (Angzarr client: `process_manager`).
 */
export function processManager<const S extends StateArgument>(
  options: ProcessManagerOptions<S>,
): <T extends object>(
  cls: ClassOf<T & ProcessMethods<T, StateOf<S>>>,
  context: ClassDecoratorContext,
) => void {
  return classDecorator({ kind: 'process_manager', options })
}

/** Makes a class a projector, which builds a read model (Angzarr client: `projector`). */
export function projector(
  options: ProjectorOptions,
): <T extends object>(
  cls: ClassOf<T & ProjectorMethods<T>>,
  context: ClassDecoratorContext,
) => void {
  return classDecorator({ kind: 'projector', options })
}

/** Makes a class an upcaster of a domain's old events (Angzarr client: `upcaster`). */
export function upcaster(
  options: UpcasterOptions,
): <T extends object>(
  cls: ClassOf<T & UpcasterMethods<T>>,
  context: ClassDecoratorContext,
) => void {
  return classDecorator({ kind: 'upcaster', options })
}

const declarations = new WeakMap<object, DeclaredOptions>()

/** Kind and options of a class or its base; `undefined` for a class that is no component. */
export function declarationOf(cls: AnyClass): DeclaredOptions | undefined {
  for (const link of classChain(cls)) {
    const declared = declarations.get(link)
    if (declared !== undefined) return declared
  }
  return undefined
}

function classDecorator(
  declared: DeclaredOptions,
): (cls: AnyClass, context: ClassDecoratorContext) => void {
  beginEvaluation()
  checkOptions(declared)
  return (cls, context) => {
    requireDecorated(cls, context, 'class')
    endClass(cls)
    if (declarationOf(cls) !== undefined) {
      throw declarationError('DECORATOR_KIND_TAKEN', {
        handler_class: cls.name,
        handler_kind: declared.kind,
      })
    }
    declarations.set(cls, declared)
  }
}
