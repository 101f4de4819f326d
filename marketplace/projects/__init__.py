"""Floor 6: service projects (OCDS tender): plan, need, criteria, timetable, questions and answers, amendments."""
