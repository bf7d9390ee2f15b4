package io.salver.server.tls;

/**
 * Where a server's certificate and key come from. Read again and again, on one thread at a time.
 */
@FunctionalInterface
public interface TlsSource {
  /**
   * Everything as it is now.
   *
   * @throws TlsException if some of it cannot be read
   */
  TlsMaterial read() throws TlsException;
}
