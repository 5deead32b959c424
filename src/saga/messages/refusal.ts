/** stand-in until src/machine/refusal.ts is there */
import { CodedError, type CodedErrorOptions } from '../../errors.ts'
export class RefusedError extends CodedError {
  constructor(message: string, options: Partial<CodedErrorOptions> = {}) {
    super(message, { ...options, code: options.code ?? 'REFUSED' })
  }
}
export function refuse(reason: string): RefusedError {
  return new RefusedError(reason)
}
