package io.salver.engine.oip;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.salver.engine.process.BrokenWorkerException;
import io.salver.engine.process.BrokenWorkerException.Fault;
import io.salver.engine.process.WorkerConnection;
import io.salver.engine.process.WorkerDescription;
import io.salver.engine.process.WorkerPlace;
import io.salver.engine.process.WorkerProtocol;
import io.salver.wire.ProtoReader;
import io.salver.wire.ProtoWriter;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The Open Inference Protocol over gRPC: the worker listens on the socket, and serves a model that
 * is called as the directory above the version's.
 */
public final class OipProtocol implements WorkerProtocol {
  /** What workers' configuration calls it. */
  public static final String NAME = "oip";

  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private @Nullable EventLoopGroup group;

  /** A protocol that has no thread until the first worker is expected. */
  public OipProtocol() {}

  private synchronized EventLoopGroup group() {
    EventLoopGroup made = group;
    if (made == null) {
      made =
          new MultiThreadIoEventLoopGroup(
              1, new DefaultThreadFactory("salver-worker-grpc", true), NioIoHandler.newFactory());
      group = made;
    }
    return made;
  }

  @Override
  public Expected expect(WorkerPlace place) {
    Path model = place.files().directory().getParent();
    return new Listening(group(), place, model == null ? "" : String.valueOf(model.getFileName()));
  }

  private record Listening(EventLoopGroup group, WorkerPlace place, String model)
      implements Expected {
    @Override
    public List<WorkerConnection> connect(long untilNs, BooleanSupplier alive)
        throws BrokenWorkerException {
      List<WorkerConnection> connections = new ArrayList<>();
      try {
        GrpcChannel first = awaitReady(untilNs, alive);
        WorkerDescription description = describe(first, untilNs);
        connections.add(new OipConnection(first, model, description));
        while (connections.size() < place.connections()) {
          GrpcChannel channel = GrpcChannel.connect(group, place.socket(), untilNs);
          connections.add(new OipConnection(channel, model, description));
        }
        return connections;
      } catch (BrokenWorkerException | RuntimeException e) {
        connections.forEach(WorkerConnection::close);
        throw e;
      }
    }

    private GrpcChannel awaitReady(long untilNs, BooleanSupplier alive)
        throws BrokenWorkerException {
      String state = "does not listen on " + place.socket();
      while (true) {
        if (!alive.getAsBoolean()) {
          throw new BrokenWorkerException(Fault.GONE, "ended before it was ready");
        }
        if (System.nanoTime() - untilNs >= 0) {
          throw new BrokenWorkerException(Fault.LATE, state + " in time");
        }
        if (Files.exists(place.socket())) {
          try {
            GrpcChannel channel = GrpcChannel.connect(group, place.socket(), untilNs);
            if (isReadyOrClosed(channel, untilNs)) {
              return channel;
            }
            state = "does not say that its model \"" + model + "\" is ready";
          } catch (BrokenWorkerException e) {
            state = e.getMessage();
          }
        }
        LockSupport.parkNanos(LOOK_NS);
      }
    }

    private boolean isReadyOrClosed(GrpcChannel channel, long untilNs)
        throws BrokenWorkerException {
      boolean ready = false;
      try {
        ready = isReady(channel, untilNs);
        return ready;
      } finally {
        if (!ready) {
          channel.close();
        }
      }
    }

    private boolean isReady(GrpcChannel channel, long untilNs) throws BrokenWorkerException {
      GrpcReply reply = call(channel, "ModelReady", untilNs);
      if (reply.status() != GrpcReply.OK) {
        return false;
      }
      try {
        ProtoReader in = new ProtoReader(MemorySegment.ofArray(reply.body()));
        return in.next() && in.readBool();
      } catch (WireFormatException e) {
        throw BrokenWorkerException.garbage("ModelReady: " + e.getMessage());
      }
    }

    private WorkerDescription describe(GrpcChannel channel, long untilNs)
        throws BrokenWorkerException {
      GrpcReply reply = call(channel, "ModelMetadata", untilNs);
      if (reply.status() != GrpcReply.OK) {
        channel.close();
        throw BrokenWorkerException.garbage(
            "ModelMetadata: status " + reply.status() + ": " + reply.message());
      }
      return MetadataReader.read(reply.body());
    }

    private GrpcReply call(GrpcChannel channel, String method, long untilNs)
        throws BrokenWorkerException {
      byte[] request = new ProtoWriter().string(1, model).toByteArray();
      ByteBuf message = channel.buffer(request.length).writeBytes(request);
      return channel.call(method, message, untilNs);
    }

    @Override
    public void close() {}
  }

  @Override
  public synchronized void close() {
    EventLoopGroup made = group;
    if (made != null) {
      made.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      group = null;
    }
  }
}
