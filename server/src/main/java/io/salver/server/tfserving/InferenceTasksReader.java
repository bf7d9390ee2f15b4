package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Reads the tasks of a {@code MultiInferenceRequest}. Stateless. */
final class InferenceTasksReader {
  private static final int TASKS = 1;
  private static final int MODEL_SPEC = 1;
  private static final int METHOD_NAME = 2;

  private InferenceTasksReader() {}

  /**
   * The tasks, at least one, all of one model.
   *
   * @throws ServingException if they are not
   */
  static List<InferenceTasks.Named> read(MemorySegment message, TargetReader targets) {
    List<InferenceTasks.Named> tasks = new ArrayList<>();
    ProtoReader reader = new ProtoReader(message);
    while (reader.next()) {
      if (reader.field() == TASKS) {
        tasks.add(task(reader.readBytes(), targets));
      } else {
        reader.skip();
      }
    }
    if (tasks.isEmpty()) {
      throw ServingException.invalid("ModelSpec has no name specified.");
    }
    String model = tasks.getFirst().target().model();
    if (!tasks.stream().allMatch(task -> task.target().model().equals(model))) {
      throw ServingException.invalid(
          "All ModelSpecs in a MultiInferenceRequest must access the same model name.");
    }
    return tasks;
  }

  private static InferenceTasks.Named task(MemorySegment task, TargetReader targets) {
    String methodName = "";
    ProtoReader reader = new ProtoReader(task);
    while (reader.next()) {
      if (reader.field() == METHOD_NAME) {
        methodName = reader.readString();
      } else {
        reader.skip();
      }
    }
    return new InferenceTasks.Named(targets.read(task, MODEL_SPEC), methodName);
  }
}
