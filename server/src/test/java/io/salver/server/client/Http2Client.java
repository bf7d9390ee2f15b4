package io.salver.server.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 client that can break off, pause and send nonsense within well-formed frames. */
public final class Http2Client implements AutoCloseable {
  private static final int TIMEOUT_S = 20;

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel channel;

  /** A connection to a port of this machine. */
  public Http2Client(int port) {
    channel =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    ch.pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient()
                                .initialSettings(
                                    Http2Settings.defaultSettings().initialWindowSize(1 << 20))
                                .encoderIgnoreMaxHeaderListSize(true)
                                .build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .syncUninterruptibly()
            .channel();
  }

  /** Headers of a gRPC request. */
  public static Http2Headers grpc(String path) {
    return new DefaultHttp2Headers()
        .method("POST")
        .scheme("http")
        .authority("localhost")
        .path(path)
        .add("content-type", "application/grpc")
        .add("te", "trailers");
  }

  /** A gRPC message with its prefix. */
  public static byte[] frame(String message) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) 0)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  /** Sends the headers of a request. */
  public Stream open(Http2Headers headers, boolean last) {
    Stream stream = new Stream();
    stream.channel =
        new Http2StreamChannelBootstrap(channel)
            .handler(stream)
            .open()
            .syncUninterruptibly()
            .getNow();
    stream.write(new DefaultHttp2HeadersFrame(headers, last));
    return stream;
  }

  /** Sends a whole request and waits for the answer. */
  public Answer call(Http2Headers headers, byte[] body) {
    return open(headers, false).send(body, true).answer();
  }

  /** Waits until the server has closed the connection. */
  public void awaitClosed() {
    if (!channel.closeFuture().awaitUninterruptibly(TIMEOUT_S, TimeUnit.SECONDS)) {
      throw new AssertionError("the server did not close");
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /**
   * What a server answered.
   *
   * @param headers all header blocks merged, trailers last
   * @param resetCode the error of a reset without a whole answer, or -1
   */
  public record Answer(Http2Headers headers, byte[] body, long resetCode) {
    /** The last value of a header. */
    public String header(String name) {
      List<CharSequence> values = headers.getAll(name);
      return values.isEmpty() ? "" : values.getLast().toString();
    }

    /** The payloads of the messages in the body. */
    public List<String> messages() {
      List<String> messages = new ArrayList<>();
      ByteBuffer rest = ByteBuffer.wrap(body);
      while (rest.hasRemaining()) {
        rest.get();
        byte[] message = new byte[rest.getInt()];
        rest.get(message);
        messages.add(new String(message, StandardCharsets.UTF_8));
      }
      return messages;
    }
  }

  /** One request. */
  public static final class Stream extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final Http2Headers headers = new DefaultHttp2Headers(false);
    private final ByteBuf body = Unpooled.buffer();
    private @Nullable Http2StreamChannel channel;

    private Stream() {}

    /** Sends a part of the body. */
    public Stream send(byte[] data, boolean last) {
      write(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(data), last));
      return this;
    }

    /** Takes the request back. */
    public void cancel() {
      write(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    }

    private void write(Object frame) {
      // Fails where the server has answered and closed already, which the answer shows.
      Objects.requireNonNull(channel, "not open").writeAndFlush(frame).awaitUninterruptibly();
    }

    /** Waits for the answer. */
    public Answer answer() {
      try {
        return answer.get(TIMEOUT_S, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new AssertionError("no answer", e);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      switch (frame) {
        case Http2HeadersFrame block -> {
          block.headers().forEach(header -> headers.add(header.getKey(), header.getValue()));
          completeIf(block.isEndStream(), -1);
        }
        case Http2DataFrame data -> {
          body.writeBytes(data.content());
          completeIf(data.isEndStream(), -1);
        }
        default -> {}
      }
      ReferenceCountUtil.release(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        completeIf(true, reset.errorCode());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      completeIf(true, Http2Error.CANCEL.code());
    }

    private void completeIf(boolean complete, long resetCode) {
      if (complete) {
        answer.complete(new Answer(headers, ByteBufUtil.getBytes(body), resetCode));
      }
    }
  }
}
