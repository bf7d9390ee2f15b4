package io.salver.engine.oip;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.salver.engine.process.BrokenWorkerException;
import io.salver.engine.process.BrokenWorkerException.Fault;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A connection for unary gRPC calls, which block: HTTP/2 with prior knowledge over a Unix domain
 * socket. Thread-safe.
 */
final class GrpcChannel implements AutoCloseable {
  private static final int WINDOW_BYTES = 16 << 20;

  /** It is on the heap until its tensors are copied out. */
  private static final int MAX_ANSWER_BYTES = 256 << 20;

  private final Channel channel;

  private GrpcChannel(Channel channel) {
    this.channel = channel;
  }

  /**
   * Connects.
   *
   * @throws BrokenWorkerException if nobody listens there yet
   */
  static GrpcChannel connect(EventLoopGroup group, Path socket, long untilNs)
      throws BrokenWorkerException {
    var connected =
        new Bootstrap()
            .group(group)
            .channel(NioDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient()
                                .initialSettings(
                                    Http2Settings.defaultSettings().initialWindowSize(WINDOW_BYTES))
                                .build(),
                            new Http2MultiplexHandler(new Unexpected()));
                  }
                })
            .connect(UnixDomainSocketAddress.of(socket));
    long leftNs = Math.max(1, untilNs - System.nanoTime());
    if (!connected.awaitUninterruptibly(leftNs, TimeUnit.NANOSECONDS) || !connected.isSuccess()) {
      connected.cancel(true);
      throw new BrokenWorkerException(
          Fault.GONE, "nobody listens on " + socket + ": " + connected.cause(), connected.cause());
    }
    return new GrpcChannel(connected.channel());
  }

  /** Servers open no streams. */
  @ChannelHandler.Sharable
  private static final class Unexpected extends ChannelInboundHandlerAdapter {}

  /** A buffer for a message, after room for what gRPC puts before it. */
  ByteBuf buffer(int messageBytes) {
    return channel.alloc().buffer(messageBytes + 5).writeByte(0).writeInt(messageBytes);
  }

  /**
   * Calls a method and waits for the answer.
   *
   * @param message from {@link #buffer}; released
   * @throws BrokenWorkerException if the connection breaks, or the answer does not come in time
   */
  GrpcReply call(String method, ByteBuf message, long untilNs) throws BrokenWorkerException {
    CompletableFuture<GrpcReply> reply = new CompletableFuture<>();
    long leftNs = Math.max(1, untilNs - System.nanoTime());
    new Http2StreamChannelBootstrap(channel)
        .handler(new GrpcStream(reply, MAX_ANSWER_BYTES))
        .open()
        .addListener(opened -> {
          if (opened.isSuccess()) {
            send((Http2StreamChannel) opened.getNow(), method, message, leftNs, reply);
          } else {
            message.release();
            reply.completeExceptionally(opened.cause());
          }
        });
    try {
      return reply.get(leftNs, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new BrokenWorkerException(Fault.LATE, "did not answer in time", e);
    } catch (ExecutionException e) {
      throw new BrokenWorkerException(Fault.GONE, "its connection broke: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokenWorkerException(Fault.GONE, "the thread was interrupted", e);
    }
  }

  private static void send(
      Http2StreamChannel stream,
      String method,
      ByteBuf message,
      long leftNs,
      CompletableFuture<GrpcReply> reply) {
    Http2Headers headers =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .authority("localhost")
            .path("/inference.GRPCInferenceService/" + method)
            .set("content-type", "application/grpc")
            .set("te", "trailers")
            .set("grpc-timeout", TimeUnit.NANOSECONDS.toMillis(leftNs) + 1 + "m");
    stream.write(new DefaultHttp2HeadersFrame(headers, false));
    stream
        .writeAndFlush(new DefaultHttp2DataFrame(message, true))
        .addListener(sent -> {
          if (!sent.isSuccess()) {
            reply.completeExceptionally(sent.cause());
          }
        });
  }

  @Override
  public void close() {
    channel.close();
  }
}
