package io.salver.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A kind of store. Thread-safe; everything blocks, and ends early if the thread is interrupted. All
 * names that come back are still to be treated as an enemy's.
 */
interface ModelStore extends AutoCloseable {
  /**
   * The versions below a base path.
   *
   * @throws StoreException if they cannot be found out
   */
  Listing list(URI base) throws StoreException, InterruptedException;

  /**
   * All that the store says of a file: its size, tag and digest as far as it has them.
   *
   * @throws StoreException.Changed if it is not what was listed
   */
  StoredFile examine(URI base, StoredVersion version, StoredFile file)
      throws StoreException, InterruptedException;

  /**
   * Begins to read a file.
   *
   * @param offset where to begin, if the store can
   * @param tag of what is read; if it is not null and the file is another one now, nothing is read
   * @throws StoreException.Changed if it is another one now, or ends before the offset
   */
  Body open(URI base, StoredVersion version, StoredFile file, long offset, @Nullable String tag)
      throws StoreException, InterruptedException;

  @Override
  void close();

  /**
   * What is read of a file.
   *
   * @param bytes may be closed by another thread, to end a read
   * @param offset where it begins, 0 if the store did not begin where it was asked to
   * @param sizeBytes of the whole file; below 0 if the store does not say
   * @param tag the store's strong name for the content; null if it has none
   */
  record Body(InputStream bytes, long offset, long sizeBytes, @Nullable String tag)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }
}
