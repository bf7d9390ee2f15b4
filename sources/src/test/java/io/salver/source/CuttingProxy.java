package io.salver.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on to a server, and cuts one of them when it is told to. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final AtomicLong cutAfter = new AtomicLong(Long.MAX_VALUE);
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  CuttingProxy(int target) throws IOException {
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Cuts the first connection on which so many bytes have come back. */
  void cutOnceAfter(long bytesOfOne) {
    cutAfter.set(bytesOfOne);
  }

  int cuts() {
    return cuts.get();
  }

  /** What has come back on all connections. */
  long bytes() {
    return bytes.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        Thread.ofVirtual().start(() -> pass(client, server, false));
        Thread.ofVirtual().start(() -> pass(server, client, true));
      } catch (IOException e) {
        // Closed, or the client has gone.
      }
    }
  }

  private void pass(Socket from, Socket to, boolean back) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] chunk = new byte[8192];
      long passed = 0;
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        out.write(chunk, 0, n);
        passed += n;
        if (back) {
          bytes.addAndGet(n);
          long limit = cutAfter.get();
          if (passed >= limit && cutAfter.compareAndSet(limit, Long.MAX_VALUE)) {
            cuts.incrementAndGet();
            return;
          }
        }
      }
    } catch (IOException e) {
      // One of them has gone: so goes the other.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
