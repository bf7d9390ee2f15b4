package io.salver.engine.oip;

import io.netty.buffer.ByteBuf;
import io.salver.engine.Batch;
import io.salver.engine.process.BrokenWorkerException;
import io.salver.engine.process.WorkerConnection;
import io.salver.engine.process.WorkerDescription;
import io.salver.predict.Category;
import io.salver.predict.ServingException;

/** A worker behind gRPC. */
final class OipConnection implements WorkerConnection {
  private final GrpcChannel channel;
  private final String model;
  private final WorkerDescription description;

  OipConnection(GrpcChannel channel, String model, WorkerDescription description) {
    this.channel = channel;
    this.model = model;
    this.description = description;
  }

  @Override
  public WorkerDescription description() {
    return description;
  }

  @Override
  public void run(Batch batch, int signature, long untilNs) throws BrokenWorkerException {
    InferRequest request = InferRequest.of(model, batch);
    ByteBuf message = channel.buffer(request.sizeBytes());
    request.writeTo(message);
    GrpcReply reply = channel.call("ModelInfer", message, untilNs);
    if (reply.status() != GrpcReply.OK) {
      throw new ServingException(category(reply.status()), reply.message());
    }
    InferResponse.read(reply.body(), batch);
  }

  private static Category category(int status) {
    Category[] categories = Category.values();
    return status >= 1 && status <= categories.length ? categories[status - 1] : Category.UNKNOWN;
  }

  @Override
  public void ping(long untilNs) throws BrokenWorkerException {
    GrpcReply reply = channel.call("ServerLive", channel.buffer(0), untilNs);
    if (reply.status() != GrpcReply.OK) {
      throw new BrokenWorkerException(
          BrokenWorkerException.Fault.GONE,
          "ServerLive: status " + reply.status() + ": " + reply.message());
    }
  }

  @Override
  public void close() {
    channel.close();
  }
}
