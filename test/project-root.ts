/** The folder of the project, seen from the compiled tests in `dist/test`. */
import { dirname } from 'node:path'

/** Absolute path of the project. */
export const projectRoot: string = dirname(dirname(import.meta.dirname))
