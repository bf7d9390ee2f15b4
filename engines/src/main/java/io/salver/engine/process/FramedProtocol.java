package io.salver.engine.process;

import io.salver.engine.process.BrokenWorkerException.Fault;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Salver's own protocol, by which the worker connects to the server:
 * docs/reference/worker-protocol.md.
 */
final class FramedProtocol implements WorkerProtocol {
  private static final long LOOK_MS = 20;

  @Override
  public Expected expect(WorkerPlace place) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(place.socket()));
      listener.configureBlocking(false);
      return new Listening(listener, place);
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  private record Listening(ServerSocketChannel listener, WorkerPlace place) implements Expected {
    @Override
    public List<WorkerConnection> connect(long untilNs, BooleanSupplier alive)
        throws BrokenWorkerException {
      List<WorkerConnection> connections = new ArrayList<>();
      AtomicInteger segmentIds = new AtomicInteger();
      try {
        while (connections.size() < place.connections()) {
          connections.add(open(accept(untilNs, alive), segmentIds, untilNs));
        }
        return connections;
      } catch (IOException | BrokenWorkerException | RuntimeException e) {
        connections.forEach(WorkerConnection::close);
        throw e instanceof BrokenWorkerException broken
            ? broken
            : new BrokenWorkerException(Fault.GONE, "no connection: " + e, e);
      }
    }

    private SocketChannel accept(long untilNs, BooleanSupplier alive)
        throws IOException, BrokenWorkerException {
      try (Selector selector = Selector.open()) {
        listener.register(selector, SelectionKey.OP_ACCEPT);
        while (true) {
          SocketChannel accepted = listener.accept();
          if (accepted != null) {
            return accepted;
          }
          if (!alive.getAsBoolean()) {
            throw new BrokenWorkerException(Fault.GONE, "ended before it connected");
          }
          if (System.nanoTime() - untilNs >= 0) {
            throw new BrokenWorkerException(Fault.LATE, "did not connect in time");
          }
          long leftMs = TimeUnit.NANOSECONDS.toMillis(untilNs - System.nanoTime()) + 1;
          var unused = selector.select(_ -> {}, Math.clamp(leftMs, 1, LOOK_MS));
        }
      }
    }

    private WorkerConnection open(SocketChannel socket, AtomicInteger segmentIds, long untilNs)
        throws IOException, BrokenWorkerException {
      FrameChannel channel = new FrameChannel(socket);
      SharedMemory shared = new SharedMemory(place.directory(), segmentIds);
      try {
        return FramedConnection.open(channel, shared, untilNs);
      } catch (BrokenWorkerException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }

    @Override
    public void close() {
      try {
        listener.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
