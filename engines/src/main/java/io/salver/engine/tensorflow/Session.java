package io.salver.engine.tensorflow;

import io.salver.engine.EngineOptions;
import io.salver.engine.ModelLoadException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A graph and a session of TensorFlow's over it. Owned by its model. Thread-safe but for {@link
 * #close}.
 */
final class Session implements AutoCloseable {
  /**
   * A tensor of the graph.
   *
   * @param operation the operation that yields it
   * @param index which of that operation's outputs it is
   * @param type TensorFlow's number of its type
   */
  record GraphTensor(long operation, int index, int type) {}

  private final long graph;
  private final long session;

  private Session(long graph, long session) {
    this.graph = graph;
    this.session = session;
  }

  /**
   * The types of the devices that sessions with these options have, as {@code CPU}.
   *
   * @throws ModelLoadException if TensorFlow cannot make such a session
   */
  static List<String> deviceTypes(EngineOptions options) throws ModelLoadException {
    long status = CApi.newStatus();
    long sessionOptions = CApi.newOptions();
    long graph = CApi.newGraph();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config =
          arena.allocateFrom(ValueLayout.JAVA_BYTE, SessionConfig.of(options).toByteArray());
      CApi.setConfig(sessionOptions, config, status);
      long session = CApi.code(status) != 0 ? 0 : CApi.newSession(graph, sessionOptions, status);
      if (session == 0) {
        CApi.deleteGraph(graph);
        throw TensorFlowErrors.ofLoad("device: " + options.device(), status);
      }
      List<String> types = CApi.deviceTypes(session, status);
      new Session(graph, session).close();
      return types;
    } finally {
      CApi.deleteOptions(sessionOptions);
      CApi.deleteStatus(status);
    }
  }

  /**
   * Loads the graph for serving of the SavedModel in {@code directory}.
   *
   * @throws ModelLoadException if TensorFlow refuses it
   */
  static Session open(Path directory, EngineOptions options) throws ModelLoadException {
    long status = CApi.newStatus();
    long sessionOptions = CApi.newOptions();
    long graph = CApi.newGraph();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config =
          arena.allocateFrom(ValueLayout.JAVA_BYTE, SessionConfig.of(options).toByteArray());
      CApi.setConfig(sessionOptions, config, status);
      MemorySegment tags = arena.allocate(ValueLayout.ADDRESS);
      tags.set(ValueLayout.ADDRESS, 0, arena.allocateFrom(ServedGraph.TAG));
      long session =
          CApi.code(status) != 0
              ? 0
              : CApi.loadSession(
                  sessionOptions, arena.allocateFrom(directory.toString()), tags, 1, graph, status);
      if (session == 0) {
        CApi.deleteGraph(graph);
        throw TensorFlowErrors.ofLoad(directory, status);
      }
      return new Session(graph, session);
    } finally {
      CApi.deleteOptions(sessionOptions);
      CApi.deleteStatus(status);
    }
  }

  /** TensorFlow's pointer to the session. */
  long pointer() {
    return session;
  }

  /** The tensor called {@code name}, as {@code x:0}; empty if the graph has none. */
  Optional<GraphTensor> find(String name) {
    int colon = name.lastIndexOf(':');
    String operationName = colon < 0 ? name : name.substring(0, colon);
    int index = colon < 0 ? 0 : parseIndex(name.substring(colon + 1));
    try (Arena arena = Arena.ofConfined()) {
      long operation = CApi.operation(graph, arena.allocateFrom(operationName));
      if (operation == 0 || index < 0 || index >= CApi.outputCount(operation)) {
        return Optional.empty();
      }
      MemorySegment output = arena.allocate(CApi.OUTPUT_BYTES);
      output.set(ValueLayout.JAVA_LONG, 0, operation);
      output.set(ValueLayout.JAVA_INT, CApi.OUTPUT_INDEX_OFFSET, index);
      return Optional.of(new GraphTensor(operation, index, CApi.outputType(output)));
    }
  }

  private static int parseIndex(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  @Override
  public void close() {
    long status = CApi.newStatus();
    CApi.closeSession(session, status);
    CApi.deleteSession(session, status);
    CApi.deleteGraph(graph);
    CApi.deleteStatus(status);
  }
}
