// What the compiler does for the types of workflows before anybody uses them.
import type { CompensationPrimitiveConstructor } from '../../../src/workflow/compensation-primitive.ts'

export type Used = CompensationPrimitiveConstructor
