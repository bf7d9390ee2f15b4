package io.salver.source;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** The stores, each made when it is first needed: the AWS SDK is large. Thread-safe. */
final class Stores implements AutoCloseable {
  private static final int LISTS = 16;

  private final StoreOptions options;
  private final Semaphore lists = new Semaphore(LISTS);
  private final Map<String, ModelStore> open = new HashMap<>();

  Stores(StoreOptions options) {
    this.options = options;
  }

  /**
   * The one of a base path.
   *
   * @throws StoreException if it cannot be made
   */
  synchronized ModelStore of(URI base) throws StoreException {
    String kind = base.getScheme().equals("s3") ? "s3" : "http";
    ModelStore store = open.get(kind);
    if (store == null) {
      store = kind.equals("s3") ? new S3Store(options.s3()) : new HttpStore(options.http());
      open.put(kind, store);
    }
    return store;
  }

  /**
   * The versions below a base path; waits while many others are being listed.
   *
   * @throws StoreException if they cannot be found out
   */
  Listing list(URI base) throws StoreException, InterruptedException {
    lists.acquire();
    try {
      return of(base).list(base);
    } finally {
      lists.release();
    }
  }

  @Override
  public synchronized void close() {
    open.values().forEach(ModelStore::close);
    open.clear();
  }
}
