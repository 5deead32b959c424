/** The correlation id of what a component emits. */
import type { CommandBook, EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/**
 * The book with this correlation id, if it has a cover without one; never overrides, and never
 * changes the book that was given.
 */
export function withCorrelation<Book extends CommandBook | EventBook>(
  book: Book,
  correlationId: string,
): Book {
  if (correlationId === '' || book.cover?.correlationId !== '') return book
  return { ...book, cover: { ...book.cover, correlationId } }
}
