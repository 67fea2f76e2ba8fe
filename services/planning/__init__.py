"""The development plan that follows from a conversation: goals, actions, agreement, promises."""
