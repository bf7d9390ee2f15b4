package io.salver.server.net;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How sockets are reached.
 *
 * @param unixAddress the transport's own form of a path
 * @param userTimeoutMs its option for {@link SocketOptions#userTimeout()}
 */
record Transport(
    IoHandlerFactory handlers,
    Class<? extends ServerChannel> tcp,
    Class<? extends ServerChannel> unix,
    Function<Path, SocketAddress> unixAddress,
    Optional<ChannelOption<Integer>> userTimeoutMs) {

  /**
   * The transport of a kind.
   *
   * @throws IOException if it does not work here
   */
  static Transport of(TransportKind kind) throws IOException {
    return switch (kind) {
      case AUTO -> Epoll.isAvailable() ? epoll() : nio();
      case EPOLL -> {
        requireWorking(kind, Epoll.unavailabilityCause());
        yield epoll();
      }
      case IO_URING -> {
        requireWorking(kind, IoUring.unavailabilityCause());
        yield ioUring();
      }
      case NIO -> nio();
    };
  }

  private static void requireWorking(TransportKind kind, @Nullable Throwable cause)
      throws IOException {
    if (cause != null) {
      throw new IOException(
          "transport: " + kind + " does not work here: " + cause + " (expected: auto)", cause);
    }
  }

  private static Transport epoll() {
    return new Transport(
        EpollIoHandler.newFactory(),
        EpollServerSocketChannel.class,
        EpollServerDomainSocketChannel.class,
        path -> new DomainSocketAddress(path.toString()),
        Optional.of(EpollChannelOption.TCP_USER_TIMEOUT));
  }

  private static Transport ioUring() {
    return new Transport(
        IoUringIoHandler.newFactory(),
        IoUringServerSocketChannel.class,
        IoUringServerDomainSocketChannel.class,
        path -> new DomainSocketAddress(path.toString()),
        Optional.of(IoUringChannelOption.TCP_USER_TIMEOUT));
  }

  private static Transport nio() {
    return new Transport(
        NioIoHandler.newFactory(),
        NioServerSocketChannel.class,
        NioServerDomainSocketChannel.class,
        UnixDomainSocketAddress::of,
        Optional.empty());
  }
}
