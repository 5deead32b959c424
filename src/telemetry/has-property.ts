/** Whether a value is an object, or a function, that has a property. */
export function hasProperty<K extends PropertyKey>(
  value: unknown,
  key: K,
): value is { readonly [P in K]: unknown } {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') && key in value
  )
}
