package io.salver.server.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.salver.server.tls.TlsCredentials;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections on any number of addresses and spreads them over event loops. Thread-safe;
 * not to be drained or closed on one of its own loops.
 */
public final class Listener implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Listener.class.getName());
  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);

  private final ListenerConfig config;
  private final MultiThreadIoEventLoopGroup group;
  private final Map<EventLoop, Loop> loops = new IdentityHashMap<>();
  private final AtomicInteger tcpConnections = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();
  private final List<Channel> serverChannels = new ArrayList<>();
  private final List<SocketAddress> boundAddresses = new ArrayList<>();

  private Listener(ListenerConfig config, Transport transport) {
    this.config = config;
    this.group =
        new MultiThreadIoEventLoopGroup(
            config.eventLoops(), new DefaultThreadFactory("salver-loop"), transport.handlers());
    group.forEach(executor -> {
      EventLoop eventLoop = (EventLoop) executor;
      loops.put(eventLoop, new Loop(eventLoop, config));
    });
  }

  /**
   * Listens on every address of {@code config}.
   *
   * @throws BindException if an address is in use or not this machine's; then on none of them
   * @throws IOException if the transport that is asked for does not work here
   */
  public static Listener start(ListenerConfig config, ConnectionSetup setup) throws IOException {
    Transport transport = Transport.of(config.sockets().transport());
    Listener listener = new Listener(config, transport);
    try {
      listener.bind(setup, transport);
      return listener;
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  private void bind(ConnectionSetup setup, Transport transport) throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .option(ChannelOption.SO_BACKLOG, config.sockets().backlog())
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childHandler(new AcceptLocal(setup));
    for (Path path : config.unixSockets()) {
      UnixSocketFile.clear(path);
      bind(bootstrap.clone().channel(transport.unix()), transport.unixAddress().apply(path));
      boundAddresses.add(UnixDomainSocketAddress.of(path));
    }
    bootstrap
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true);
    int userTimeoutMs = (int) config.sockets().userTimeout().toMillis();
    transport.userTimeoutMs().ifPresent(option -> bootstrap.childOption(option, userTimeoutMs));
    bootstrap.channel(transport.tcp()).childHandler(new AcceptTcp(setup, null));
    bind(bootstrap, config.tcp());
    if (config.tls().isPresent()) {
      ListenerConfig.Tls tls = config.tls().get();
      bind(bootstrap.childHandler(new AcceptTcp(setup, tls.credentials())), tls.addresses());
    }
  }

  private void bind(ServerBootstrap bootstrap, List<InetSocketAddress> addresses)
      throws IOException {
    for (InetSocketAddress address : addresses) {
      boundAddresses.add(bind(bootstrap.clone(), address).localAddress());
    }
  }

  private Channel bind(ServerBootstrap bootstrap, SocketAddress address) throws IOException {
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw bindFailure(address, bound.cause());
    }
    serverChannels.add(bound.channel());
    return bound.channel();
  }

  private static BindException bindFailure(SocketAddress address, Throwable cause) {
    BindException failure =
        new BindException(
            "cannot listen on "
                + address
                + ": "
                + cause.getMessage()
                + " (expected: an address of this machine on which no other process listens;"
                + " stop that process or choose another port)");
    failure.initCause(cause);
    return failure;
  }

  /** The addresses listened on: Unix sockets first, then plain TCP, then TLS. */
  public List<SocketAddress> boundAddresses() {
    return List.copyOf(boundAddresses);
  }

  /** The port of the first TCP address. */
  public int port() {
    return boundAddresses.stream()
        .filter(InetSocketAddress.class::isInstance)
        .mapToInt(address -> ((InetSocketAddress) address).getPort())
        .findFirst()
        .orElseThrow();
  }

  /** Connections that are open now. */
  public int openConnections() {
    return loops.values().stream().mapToInt(Loop::openConnections).sum();
  }

  /** Connections that were refused because there were too many. */
  public long refusedConnections() {
    return refused.get();
  }

  /**
   * Accepts no more connections and requests, waits until every accepted request is answered, and
   * closes the connections. {@link #close()} is still to be called.
   *
   * @param limit how long to wait at most; connections still open then are cut
   * @return whether all were answered
   */
  public boolean drain(Duration limit) {
    long endNs = System.nanoTime() + limit.toNanos();
    stopAccepting();
    loops.values().forEach(loop -> onLoop(loop, done(loop::drain)));
    while (!loops.values().stream().allMatch(loop -> onLoop(loop, loop::isEmpty))) {
      if (System.nanoTime() - endNs >= 0) {
        return cut();
      }
      LockSupport.parkNanos(POLL_NS);
    }
    return true;
  }

  private boolean cut() {
    int unanswered = loops.values().stream().mapToInt(loop -> onLoop(loop, loop::unanswered)).sum();
    loops.values().forEach(loop -> onLoop(loop, done(loop::abort)));
    if (unanswered > 0) {
      LOG.log(System.Logger.Level.WARNING, "drain: {0} requests were not answered", unanswered);
    }
    return unanswered == 0;
  }

  private static Callable<Boolean> done(Runnable action) {
    return () -> {
      action.run();
      return true;
    };
  }

  private static <T> T onLoop(Loop loop, Callable<T> action) {
    try {
      return loop.executor().submit(action).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while draining", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("drain failed", e.getCause());
    }
  }

  private void stopAccepting() {
    serverChannels.forEach(channel -> channel.close().awaitUninterruptibly());
    for (SocketAddress address : boundAddresses) {
      if (address instanceof UnixDomainSocketAddress socket) {
        remove(socket.getPath());
      }
    }
  }

  private static void remove(Path socketFile) {
    try {
      Files.deleteIfExists(socketFile);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "socket file not removed: " + socketFile, e);
    }
  }

  /** Cuts every connection and ends the loops. Closing twice does no harm. */
  @Override
  public void close() {
    if (group.isShuttingDown()) {
      return;
    }
    stopAccepting();
    loops.values().forEach(loop -> loop.execute(loop::abort));
    loops.values().forEach(loop -> loop.execute(loop::end));
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void open(Channel channel, ConnectionSetup setup) {
    Loop loop = loops.get(channel.eventLoop());
    if (loop == null) {
      throw new IllegalStateException("channel of a foreign loop: " + channel);
    }
    setup.open(channel, loop);
  }

  /** Gives a connection over a Unix socket its handlers. */
  private final class AcceptLocal extends ChannelInitializer<Channel> {
    private final ConnectionSetup setup;

    AcceptLocal(ConnectionSetup setup) {
      this.setup = setup;
    }

    @Override
    protected void initChannel(Channel channel) {
      open(channel, setup);
    }
  }

  /** Gives a connection over TCP its handlers, unless there are too many. */
  private final class AcceptTcp extends ChannelInitializer<Channel> {
    private final ConnectionSetup setup;
    private final @Nullable TlsCredentials tls;

    AcceptTcp(ConnectionSetup setup, @Nullable TlsCredentials tls) {
      this.setup = setup;
      this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (tcpConnections.incrementAndGet() > config.sockets().maxConnections()) {
        tcpConnections.decrementAndGet();
        refused.incrementAndGet();
        refuse(channel);
        return;
      }
      channel.closeFuture().addListener(_ -> tcpConnections.decrementAndGet());
      if (tls != null) {
        channel.pipeline().addLast(tls.newHandler(Refusal.ofPlainText()));
      }
      open(channel, setup);
    }

    /** A refusal over TLS would cost a handshake first. */
    private void refuse(Channel channel) {
      if (tls == null) {
        channel.pipeline().addLast(Refusal.ofOneTooMany());
      } else {
        channel.close();
      }
    }
  }
}
