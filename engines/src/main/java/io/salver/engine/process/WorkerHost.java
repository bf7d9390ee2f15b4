package io.salver.engine.process;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A worker that is an engine of Salver's own: the other side of {@link IsolatedEngine}. */
public final class WorkerHost {
  private WorkerHost() {}

  /**
   * Loads a version and runs it for the server that has started this process, until that closes its
   * connections.
   *
   * @param directory the worker's own, with the socket
   * @param connections how many runs there may be at once, at least 1
   * @throws IOException if there is no such server
   * @throws ModelLoadException if the version cannot be loaded; the server has been told
   */
  public static void serve(
      Engine engine, ModelFiles files, EngineOptions options, Path directory, int connections)
      throws IOException, ModelLoadException {
    List<FrameChannel> channels = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
      socket.connect(UnixDomainSocketAddress.of(directory.resolve("worker.sock")));
      channels.add(new FrameChannel(socket));
    }
    LoadedModel model;
    try {
      model = engine.load(files, options);
    } catch (ModelLoadException e) {
      HostedConnection.refuse(channels.getFirst(), e);
      throw e;
    }
    try (model) {
      serve(model, channels, directory);
    }
  }

  private static void serve(LoadedModel model, List<FrameChannel> channels, Path directory) {
    WorkerDescription description = describe(model);
    Object turn = new Object();
    List<Thread> threads = new ArrayList<>();
    for (FrameChannel channel : channels) {
      HostedConnection connection =
          new HostedConnection(channel, model, description, directory, turn);
      threads.add(Thread.ofPlatform().name("salver-host-" + threads.size()).start(connection));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static WorkerDescription describe(LoadedModel model) {
    Map<String, byte[]> metadata = new HashMap<>();
    for (String key : model.metadataKeys()) {
      model.metadata(key).ifPresent(value -> metadata.put(key, value));
    }
    return new WorkerDescription(
        List.copyOf(model.signatures().values()), model.memoryBytes(), metadata);
  }
}
