package io.salver.source;

import java.net.URI;
import java.util.concurrent.Semaphore;

/** The stores, each made when it is first needed: the AWS SDK is large. Thread-safe. */
final class Stores implements AutoCloseable {
  private static final int LISTS = 16;

  private final Semaphore lists = new Semaphore(LISTS);
  private final StoreMaker s3;
  private final StoreMaker web;

  Stores(StoreOptions options) {
    s3 = new StoreMaker(() -> new S3Store(options.s3()), System::nanoTime);
    web = new StoreMaker(() -> new HttpStore(options.http()), System::nanoTime);
  }

  /**
   * The one of a base path. One kind does not wait for another that is being made.
   *
   * @throws StoreException if it cannot be made
   */
  ModelStore of(URI base) throws StoreException {
    return (base.getScheme().equals("s3") ? s3 : web).get();
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
  public void close() {
    s3.close();
    web.close();
  }
}
