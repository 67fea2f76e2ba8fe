"""A conversation, its answers with their history, and the keys of writes."""

from django.db import models
from simple_history.models import HistoricalRecords


class Conversation(models.Model):
    person = models.CharField(max_length=128, unique=True)
    open = models.BooleanField(default=True)

    class Meta:
        app_label = "django_answers"


class Answer(models.Model):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    question = models.CharField(max_length=128)
    text = models.TextField()
    revision = models.IntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        app_label = "django_answers"
        constraints = [models.UniqueConstraint("conversation", "question", name="one_answer")]


class IdempotencyKey(models.Model):
    person = models.CharField(max_length=128)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()
    answer = models.JSONField()

    class Meta:
        app_label = "django_answers"
        constraints = [models.UniqueConstraint("person", "key", name="one_effect")]
