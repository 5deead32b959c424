/** `pipe`: operations one after the other; another name of `sequential`. TTA.dev's `>>`. */
import { sequential } from './workflow-primitive.ts'

/** See {@link sequential}. */
export const pipe: typeof sequential = sequential
